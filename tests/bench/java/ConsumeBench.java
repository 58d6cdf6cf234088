import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Kafka's own consumer, for comparison in the same run.
 *
 * <p>"consume BROKERS TOPIC COUNT WARM_UP [NAME=VALUE...]": reads COUNT records from the beginning. With WARM_UP rounds
 * before, of the same records, so that neither the start of the JVM nor its compiler is counted; prints the line that
 * `barnabas bench consume` prints. "latency BROKERS TOPIC COUNT": from the end, what `rdkafka_bench source` writes.
 */
final class ConsumeBench {
  private static final int UNMEASURED_RECORDS = 100;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private ConsumeBench() {}

  public static void main(String[] args) throws IOException {
    var settings = new Properties();
    settings.put("bootstrap.servers", args[1]);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "earliest");
    settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
    boolean consumes = args[0].equals("consume");
    for (int i = consumes ? 5 : 4; i < args.length; ++i) {
      String[] pair = args[i].split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    try (var consumer = new KafkaConsumer<byte[], byte[]>(settings)) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (var info : consumer.partitionsFor(args[2])) partitions.add(new TopicPartition(args[2], info.partition()));
      consumer.assign(partitions);
      long count = Long.parseLong(args[3]);
      if (consumes) {
        for (int left = Integer.parseInt(args[4]); left > 0; --left) read(consumer, partitions, count);
        System.out.println(read(consumer, partitions, count));
      } else {
        System.out.println(latency(consumer, partitions, (int) count));
      }
      System.out.flush();
      Runtime.getRuntime().halt(0);
    }
  }

  private static String read(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, long count)
      throws IOException {
    consumer.seekToBeginning(partitions);
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long begin = System.nanoTime();
    long records = 0;
    long bytes = 0;
    while (records < count) {
      for (var record : consumer.poll(WAIT)) {
        if (records == count) break;
        ++records;
        bytes += record.value().length;
      }
    }
    double wall = (System.nanoTime() - begin) * 1e-9;
    double used = (system.getProcessCpuTime() - cpu) * 1e-9;
    return String.format("records=%d bytes=%d wall_s=%.3f cpu_s=%.3f rss_mb=%.1f", records, bytes, wall, used,
        residentKib() / 1024.0);
  }

  private static String latency(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, int count) {
    consumer.seekToEnd(partitions);
    double[] agesUs = new double[count];
    long seen = 0;
    for (int taken = 0; taken < count;) {
      for (var record : consumer.poll(WAIT)) {
        var now = Instant.now();
        long written = Long.parseLong(new String(record.value()));
        if (++seen > UNMEASURED_RECORDS && taken < count)
          agesUs[taken++] = (now.getEpochSecond() * 1_000_000_000L + now.getNano() - written) / 1e3;
      }
    }
    Arrays.sort(agesUs);
    return String.format(
        "p50_us=%.1f p99_us=%.1f max_us=%.1f", agesUs[count / 2], agesUs[count * 99 / 100], agesUs[count - 1]);
  }

  private static long residentKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status")))
      if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", ""));
    return 0;
  }
}
