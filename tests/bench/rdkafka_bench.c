// librdkafka's consumer, for comparison in the same run: the same line as `barnabas bench consume` prints.
//
//   rdkafka_bench batch|callback|poll|latency|source BROKERS TOPIC PARTITION[-LAST] COUNT [NAME=VALUE...]
//
// source is no consumer: it writes COUNT records, one every 5 ms, each the time in nanoseconds since 1970. latency
// reads COUNT of them from the end of the topic and prints, in microseconds, how old they were: `p50_us=… p99_us=…
// max_us=…`. The CRC is checked (off by default in librdkafka). Further settings as in librdkafka's CONFIGURATION.md.
#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { batch_records = 1000, wait_ms = 1000, source_pause_us = 5000, unmeasured_records = 100 };

static uint64_t records, value_bytes, records_wanted;

static void die(const char* what) {
  fprintf(stderr, "rdkafka_bench: %s\n", what);
  exit(1);
}

static void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char why[512];
  if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) die(why);
}

static void take(const rd_kafka_message_t* message) {
  if (message->err) die(rd_kafka_message_errstr(message));
  if (records == records_wanted) return;
  ++records;
  value_bytes += message->len;
}

static void on_message(rd_kafka_message_t* message, void* opaque) {
  (void)opaque;
  take(message);
}

static void consume_batches(rd_kafka_queue_t* queue) {
  rd_kafka_message_t* messages[batch_records];
  while (records < records_wanted) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, wait_ms, messages, batch_records);
    for (ssize_t i = 0; i < count; ++i) {
      take(messages[i]);
      rd_kafka_message_destroy(messages[i]);
    }
  }
}

static void consume_by_callback(rd_kafka_queue_t* queue) {
  while (records < records_wanted) rd_kafka_consume_callback_queue(queue, wait_ms, on_message, NULL);
}

static void consume_by_poll(rd_kafka_t* client) {
  while (records < records_wanted) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client, wait_ms);
    if (!message) continue;
    take(message);
    rd_kafka_message_destroy(message);
  }
}

static int64_t unix_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int compare(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

// The first ones are left out: the source may have been writing while this connected.
static void measure_latency(rd_kafka_t* client) {
  double* ages_us = calloc(records_wanted, sizeof *ages_us);
  if (!ages_us) die("out of memory");
  for (uint64_t seen = 0; records < records_wanted;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client, wait_ms);
    if (!message) continue;
    if (message->err) die(rd_kafka_message_errstr(message));
    char text[32] = "";
    if (message->len < sizeof text) memcpy(text, message->payload, message->len);
    if (++seen > unmeasured_records) ages_us[records++] = (double)(unix_ns() - atoll(text)) / 1e3;
    rd_kafka_message_destroy(message);
  }
  qsort(ages_us, records, sizeof *ages_us, compare);
  printf("p50_us=%.1f p99_us=%.1f max_us=%.1f\n", ages_us[records / 2], ages_us[records * 99 / 100],
         ages_us[records - 1]);
}

static int write_records(const char* brokers, const char* topic, uint64_t count) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "linger.ms", "0");
  set(conf, "acks", "1");
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!producer) die(why);
  rd_kafka_topic_t* to = rd_kafka_topic_new(producer, topic, NULL);
  for (uint64_t i = 0; i < count; ++i) {
    char text[32];
    const int size = snprintf(text, sizeof text, "%lld", (long long)unix_ns());
    rd_kafka_produce(to, 0, RD_KAFKA_MSG_F_COPY, text, (size_t)size, NULL, 0, NULL);
    rd_kafka_poll(producer, 0);
    const struct timespec pause = {0, source_pause_us * 1000L};
    nanosleep(&pause, NULL);
  }
  return rd_kafka_flush(producer, 10000) ? 1 : 0;
}

static rd_kafka_t* consumer(const char* brokers, int settings, char** setting) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "group.id", "rdkafka-bench");
  set(conf, "enable.auto.commit", "false");
  set(conf, "auto.offset.reset", "earliest");
  set(conf, "check.crcs", "true");
  for (int i = 0; i < settings; ++i) {
    char* equals = strchr(setting[i], '=');
    if (!equals) die("settings are NAME=VALUE");
    *equals = '\0';
    set(conf, setting[i], equals + 1);
  }
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (!client) die(why);
  rd_kafka_poll_set_consumer(client);
  return client;
}

static void assign(rd_kafka_t* client, const char* topic, const char* partitions, int64_t offset) {
  const char* dash = strchr(partitions, '-');
  const int first = atoi(partitions), last = dash ? atoi(dash + 1) : first;
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(last - first + 1);
  for (int partition = first; partition <= last; ++partition)
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
  const rd_kafka_resp_err_t error = rd_kafka_assign(client, list);
  if (error) die(rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(list);
}

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Not ru_maxrss: that one begins with what the parent had before exec.
static double rss_mb(void) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[256];
  double kib = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmHWM: %lf", &kib) == 1) break;
  if (status) fclose(status);
  return kib / 1024;
}

int main(int argc, char** argv) {
  if (argc < 6) die("usage: rdkafka_bench MODE BROKERS TOPIC PARTITION[-LAST] COUNT [NAME=VALUE...]");
  records_wanted = strtoull(argv[5], NULL, 10);
  if (strcmp(argv[1], "source") == 0) return write_records(argv[2], argv[3], records_wanted);
  const int latency = strcmp(argv[1], "latency") == 0;
  rd_kafka_t* client = consumer(argv[2], argc - 6, argv + 6);
  const double begin = now_s();
  assign(client, argv[3], argv[4], latency ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client);
  if (strcmp(argv[1], "batch") == 0) {
    consume_batches(queue);
  } else if (strcmp(argv[1], "callback") == 0) {
    consume_by_callback(queue);
  } else if (strcmp(argv[1], "poll") == 0) {
    consume_by_poll(client);
  } else if (latency) {
    measure_latency(client);
    fflush(stdout);
    _Exit(0);
  } else {
    die("batch, callback, poll, latency or source");
  }
  const double wall_s = now_s() - begin;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  const double cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  printf("records=%llu bytes=%llu wall_s=%.3f cpu_s=%.3f rss_mb=%.1f\n", (unsigned long long)records,
         (unsigned long long)value_bytes, wall_s, cpu_s, rss_mb());
  fflush(stdout);
  // Tearing down frees a full prefetch queue, which is not what is measured here.
  _Exit(0);
}
