// Prints librdkafka's statistics of a group member, one line each: statistics BOOTSTRAP GROUP TOPIC MILLISECONDS
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

static int print(rd_kafka_t* client, char* json, size_t size, void* unused) {
  (void)client, (void)unused;
  printf("%.*s\n", (int)size, json);
  fflush(stdout);
  return 0;
}

static void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char why[512];
  if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK) return;
  fprintf(stderr, "%s\n", why);
  exit(2);
}

int main(int count, char** words) {
  if (count != 5) return 2;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", words[1]);
  set(conf, "group.id", words[2]);
  set(conf, "statistics.interval.ms", "300");
  set(conf, "auto.commit.interval.ms", "200");
  set(conf, "auto.offset.reset", "earliest");
  rd_kafka_conf_set_stats_cb(conf, print);
  char why[512];
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (!client) return fprintf(stderr, "%s\n", why), 1;
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, words[3], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client, topics);
  for (int left_ms = atoi(words[4]); left_ms > 0; left_ms -= 10) {
    rd_kafka_message_t* message;
    while ((message = rd_kafka_consumer_poll(client, 0))) rd_kafka_message_destroy(message);
    message = rd_kafka_consumer_poll(client, 10);
    if (message) rd_kafka_message_destroy(message);
  }
  rd_kafka_topic_partition_list_destroy(topics);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return 0;
}
