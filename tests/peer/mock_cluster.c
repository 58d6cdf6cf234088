// librdkafka's mock cluster as a process of its own: a broker written by other people, for our client to talk to.
//
//   mock_cluster BROKERS [TOPIC:PARTITIONS:REPLICATION...]
//
// Prints `bootstrap=…`, then obeys standard input, a line each, answering `ok` or `error …`, until its end:
//   leader TOPIC PARTITION BROKER     down BROKER     up BROKER     delay BROKER MS     errors API CODE COUNT
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { errors_max = 100 };

static void die(const char* what) {
  fprintf(stderr, "mock_cluster: %s\n", what);
  exit(1);
}

static void create_topic(rd_kafka_mock_cluster_t* cluster, const char* text) {
  char name[250];
  int partitions = 1, replication = 1;
  if (sscanf(text, "%249[^:]:%d:%d", name, &partitions, &replication) < 1)
    die("topics are NAME:PARTITIONS:REPLICATION");
  if (rd_kafka_mock_topic_create(cluster, name, partitions, replication)) die("cannot create the topic");
}

static rd_kafka_resp_err_t push_errors(rd_kafka_mock_cluster_t* cluster, int api, int code, int count) {
  rd_kafka_resp_err_t errors[errors_max];
  if (count < 1 || count > errors_max) return RD_KAFKA_RESP_ERR__INVALID_ARG;
  for (int i = 0; i < count; ++i) errors[i] = (rd_kafka_resp_err_t)code;
  rd_kafka_mock_push_request_errors_array(cluster, (int16_t)api, (size_t)count, errors);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t obey(rd_kafka_mock_cluster_t* cluster, const char* line) {
  char topic[250];
  int first, second, third;
  if (sscanf(line, "leader %249s %d %d", topic, &first, &second) == 3)
    return rd_kafka_mock_partition_set_leader(cluster, topic, first, second);
  if (sscanf(line, "down %d", &first) == 1) return rd_kafka_mock_broker_set_down(cluster, first);
  if (sscanf(line, "up %d", &first) == 1) return rd_kafka_mock_broker_set_up(cluster, first);
  if (sscanf(line, "delay %d %d", &first, &second) == 2) return rd_kafka_mock_broker_set_rtt(cluster, first, second);
  if (sscanf(line, "errors %d %d %d", &first, &second, &third) == 3) return push_errors(cluster, first, second, third);
  return RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

int main(int argc, char** argv) {
  if (argc < 2) die("usage: mock_cluster BROKERS [TOPIC:PARTITIONS:REPLICATION...]");
  char why[512];
  rd_kafka_t* host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
  if (!host) die(why);
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(host, atoi(argv[1]));
  if (!cluster) die("cannot create the cluster");
  for (int i = 2; i < argc; ++i) create_topic(cluster, argv[i]);
  printf("bootstrap=%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);

  char line[1024];
  while (fgets(line, sizeof line, stdin)) {
    const rd_kafka_resp_err_t error = obey(cluster, line);
    if (error) {
      printf("error %s\n", rd_kafka_err2str(error));
    } else {
      puts("ok");
    }
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(host);
  return 0;
}
