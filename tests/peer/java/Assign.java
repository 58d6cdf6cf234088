import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Kafka's assignors, each line of GIVEN a group as `barnabas groups assign --jsonl` takes it: "GIVEN ANSWERS". */
final class Assign {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final int END_AFTER_S = 8;

  private Assign() {}

  public static void main(String[] args) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(Path.of(args[0]));
         BufferedWriter out = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode group = MAPPER.readTree(line);
        ObjectNode answer = JSON.objectNode();
        answer.set("id", group.get("id"));
        // Some groups keep Kafka's search for a better balance busy for ever; its thread is left behind.
        var made = new CompletableFuture<ObjectNode>();
        var worker = new Thread(() -> {
          try {
            made.complete(assign(group));
          } catch (Throwable error) {
            made.completeExceptionally(error);
          }
        });
        worker.setDaemon(true);
        worker.start();
        try {
          answer.set("assignment", made.get(END_AFTER_S, TimeUnit.SECONDS));
        } catch (ExecutionException error) {
          answer.put("error", error.getCause().toString());
        } catch (TimeoutException | InterruptedException late) {
          answer.put("error", "does not end");
        }
        out.write(MAPPER.writeValueAsString(answer));
        out.newLine();
      }
    }
  }

  private static ConsumerPartitionAssignor assignor(JsonNode group) {
    return switch (group.get("assignor").asText()) {
      case "range" -> new RangeAssignor();
      case "roundrobin" -> new RoundRobinAssignor();
      case "sticky" -> new StickyAssignor();
      default -> new CooperativeStickyAssignor();
    };
  }

  private static ObjectNode assign(JsonNode group) {
    // What the consumer makes of the coordinator's answer is a HashMap as well.
    Map<String, Subscription> members = new HashMap<>();
    for (JsonNode member : group.get("members")) members.put(text(member, "member_id"), subscription(group, member));
    var assigned = assignor(group).assign(cluster(group), new GroupSubscription(members)).groupAssignment();
    ObjectNode out = JSON.objectNode();
    new TreeMap<>(assigned).forEach((member, assignment) -> out.set(member, describe(assignment.partitions())));
    return out;
  }

  private static Cluster cluster(JsonNode group) {
    Map<String, Node> nodes = new HashMap<>();
    List<PartitionInfo> partitions = new ArrayList<>();
    for (JsonNode topic : group.get("topics")) {
      for (JsonNode partition : topic.get("partitions")) {
        List<Node> replicas = new ArrayList<>();
        for (JsonNode rack : partition.path("replica_racks")) replicas.add(node(nodes, rack.asText()));
        if (replicas.isEmpty())
          replicas.add(node(nodes, null));
        Node[] all = replicas.toArray(new Node[0]);
        partitions.add(new PartitionInfo(text(topic, "name"), partition.get("id").asInt(), all[0], all, all));
      }
    }
    return new Cluster("cluster", nodes.values(), partitions, Set.of(), Set.of());
  }

  private static Node node(Map<String, Node> nodes, String rack) {
    return nodes.computeIfAbsent(rack, name -> new Node(nodes.size(), "localhost", 9092, name));
  }

  private static Subscription subscription(JsonNode group, JsonNode member) {
    Subscription made = member.hasNonNull("subscription_hex")
        ? ConsumerProtocol.deserializeSubscription(bytes(member, "subscription_hex"))
        : fromFields(group, member);
    made.setGroupInstanceId(Optional.ofNullable(text(member, "instance_id")));
    return made;
  }

  private static Subscription fromFields(JsonNode group, JsonNode member) {
    List<String> topics = new ArrayList<>();
    for (JsonNode topic : member.get("topics")) topics.add(topic.asText());
    List<TopicPartition> owned = new ArrayList<>();
    for (JsonNode topic : member.path("owned")) {
      for (JsonNode id : topic.get("partitions")) owned.add(new TopicPartition(text(topic, "topic"), id.asInt()));
    }
    int generation = member.hasNonNull("generation") ? member.get("generation").asInt() : -1;
    ByteBuffer userData = member.hasNonNull("user_data_hex") ? bytes(member, "user_data_hex")
                                                             : userData(group, member, topics, owned, generation);
    return new Subscription(topics, userData, owned, generation, Optional.ofNullable(text(member, "rack")));
  }

  /** What a consumer would say that was given these partitions in this generation. */
  private static ByteBuffer userData(
      JsonNode group, JsonNode member, List<String> topics, List<TopicPartition> owned, int generation) {
    ConsumerPartitionAssignor self = assignor(group);
    if (generation >= 0 || !owned.isEmpty()) {
      self.onAssignment(new Assignment(owned),
          new ConsumerGroupMetadata("group", generation, text(member, "member_id"), Optional.empty()));
    }
    return self.subscriptionUserData(new TreeSet<>(topics));
  }

  private static ByteBuffer bytes(JsonNode from, String name) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(from.get(name).asText()));
  }

  private static String text(JsonNode from, String name) {
    return from.hasNonNull(name) ? from.get(name).asText() : null;
  }

  private static ArrayNode describe(List<TopicPartition> partitions) {
    Map<String, List<Integer>> topics = new TreeMap<>();
    for (TopicPartition each : partitions) {
      topics.computeIfAbsent(each.topic(), topic -> new ArrayList<>()).add(each.partition());
    }
    ArrayNode out = JSON.arrayNode();
    topics.forEach((topic, ids) -> {
      ArrayNode list = out.addObject().put("topic", topic).putArray("partitions");
      ids.stream().sorted().forEach(list::add);
    });
    return out;
  }
}
