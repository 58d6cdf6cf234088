import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a consumer group: "BROKERS GROUP TOPIC CLIENT_ID STRATEGY SESSION_MS". Prints each record as "TOPIC
 * PARTITION OFFSET VALUE", and "% assigned", "% revoked" or "% lost" with the partitions, in the order in which they
 * happened. SIGTERM: commits and leaves. STRATEGY is range, roundrobin, sticky, cooperative-sticky, or consumer (KIP-848).
 */
final class GroupMember implements ConsumerRebalanceListener {
  private static final Map<String, String> ASSIGNORS = Map.of("range", "Range", "roundrobin", "RoundRobin", "sticky",
      "Sticky", "cooperative-sticky", "CooperativeSticky");

  private final PrintStream out =
      new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false);

  public static void main(String[] args) throws InterruptedException {
    var settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("group.id", args[1]);
    settings.put("client.id", args[3]);
    settings.put("auto.offset.reset", "earliest");
    settings.put("auto.commit.interval.ms", "1000");
    settings.put("key.deserializer", StringDeserializer.class.getName());
    settings.put("value.deserializer", StringDeserializer.class.getName());
    if (args[4].equals("consumer")) {
      settings.put("group.protocol", "consumer");
    } else {
      settings.put("partition.assignment.strategy",
          "org.apache.kafka.clients.consumer." + ASSIGNORS.get(args[4]) + "Assignor");
      settings.put("session.timeout.ms", args[5]);
      settings.put("heartbeat.interval.ms", String.valueOf(Math.min(3000, Integer.parseInt(args[5]) / 4)));
    }
    new GroupMember().run(settings, args[2]);
  }

  private void run(Properties settings, String topic) throws InterruptedException {
    var consumer = new KafkaConsumer<String, String>(settings);
    var reading = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      consumer.wakeup();
      try {
        reading.join();
      } catch (InterruptedException ignored) {
        Thread.currentThread().interrupt();
      }
    }));
    try (consumer) {
      consumer.subscribe(List.of(topic), this);
      while (true) {
        for (var record : consumer.poll(Duration.ofMillis(500)))
          out.printf("%s %d %d %s%n", record.topic(), record.partition(), record.offset(), record.value());
        out.flush();
      }
    } catch (WakeupException end) {
      // SIGTERM; closing commits and leaves.
    }
  }

  private void tell(String what, Collection<TopicPartition> partitions) {
    out.print("% " + what);
    for (var partition : partitions) out.print(" " + partition.partition());
    out.println();
    out.flush();
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    tell("assigned", partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    tell("revoked", partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    tell("lost", partitions);
  }
}
