import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/**
 * Record batches, written and read by Kafka's own classes.
 *
 * <p>"write SEED CASES BYTES JSON": random ones; into two files, one JSON object a line and case: the bytes as hex, and
 * what Kafka reads in them. "read BYTES JSON": what Kafka reads in the bytes of others; "error" where it refuses.
 */
final class Records {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Records() {}

  public static void main(String[] args) throws IOException {
    if (args[0].equals("write")) {
      write(Long.parseLong(args[1]), Integer.parseInt(args[2]), Path.of(args[3]), Path.of(args[4]));
    } else {
      read(Path.of(args[1]), Path.of(args[2]));
    }
  }

  private static void write(long seed, int cases, Path bytes, Path json) throws IOException {
    try (OutputStream given = open(bytes); OutputStream wanted = open(json)) {
      for (int magic = 0; magic <= 2; ++magic) {
        for (CompressionType codec : CompressionType.values()) {
          if (codec == CompressionType.ZSTD && magic < 2)
            continue;
          for (int i = 0; i < cases; ++i) {
            var random = new SplittableRandom(seed * 1_000_003 + magic * 7919L + codec.id * 104_729L + i);
            byte[] made = new RandomBatches(random, magic, codec).write();
            line(given, JSON.objectNode().put("hex", HexFormat.of().formatHex(made)));
            line(wanted, JSON.objectNode().put("magic", magic).put("codec", codec.name).set("batches", describe(made)));
          }
        }
      }
    }
  }

  private static void read(Path bytes, Path json) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(bytes); OutputStream out = open(json)) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        ObjectNode answer = JSON.objectNode();
        try {
          JsonNode hex = MAPPER.readTree(text).path("hex");
          if (hex.isMissingNode())
            throw new IllegalArgumentException("no bytes: " + text);
          answer.set("batches", describe(HexFormat.of().parseHex(hex.asText())));
        } catch (RuntimeException | Error error) { // its codecs throw errors too, and sizes are believed
          answer.put("error", error.toString());
        }
        line(out, answer);
      }
    }
  }

  private static ArrayNode describe(byte[] bytes) {
    ArrayNode out = JSON.arrayNode();
    MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
    for (MutableRecordBatch batch : records.batches()) {
      batch.ensureValid();
      out.add(describe(batch));
    }
    if (records.validBytes() != bytes.length)
      throw new IllegalArgumentException("bytes behind the last batch");
    return out;
  }

  private static ObjectNode describe(MutableRecordBatch batch) {
    ObjectNode out = JSON.objectNode();
    out.put("base_offset", batch.baseOffset()).put("last_offset", batch.lastOffset()).put("magic", batch.magic());
    out.put("compression", batch.compressionType().name).put("timestamp_type", batch.timestampType().name);
    out.put("max_timestamp", batch.maxTimestamp());
    if (batch instanceof DefaultRecordBatch modern) {
      out.put("partition_leader_epoch", batch.partitionLeaderEpoch()).put("base_timestamp", modern.baseTimestamp());
      out.put("is_transactional", batch.isTransactional()).put("is_control", batch.isControlBatch());
      out.put("producer_id", batch.producerId()).put("producer_epoch", batch.producerEpoch());
      out.put("base_sequence", batch.baseSequence()).put("crc", batch.checksum());
      if (batch.deleteHorizonMs().isPresent()) {
        out.put("delete_horizon_ms", batch.deleteHorizonMs().getAsLong());
      } else {
        out.putNull("delete_horizon_ms");
      }
    }
    ArrayNode list = out.putArray("records");
    for (Record record : batch) list.add(describe(record));
    return out;
  }

  private static ObjectNode describe(Record record) {
    ObjectNode out = JSON.objectNode().put("offset", record.offset()).put("timestamp", record.timestamp());
    out.put("key", bytes(record.key())).put("value", bytes(record.value()));
    ArrayNode headers = out.putArray("headers");
    for (Header header : record.headers()) headers.addObject().put("key", header.key()).put("value", header.value());
    return out;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    if (buffer == null)
      return null;
    byte[] out = new byte[buffer.remaining()];
    buffer.get(out);
    return out;
  }

  private static OutputStream open(Path path) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
  }

  private static void line(OutputStream out, ObjectNode node) throws IOException {
    out.write(MAPPER.writeValueAsBytes(node));
    out.write('\n');
  }
}
