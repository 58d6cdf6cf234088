import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Random messages, written by Kafka's own serialisers and JSON converters.
 *
 * <p>Arguments: the file with jobs, a seed, cases a version, "small", "any" or "damaged", a file for bytes, a file for
 * JSON. A job is a line "NAME API KIND LOWEST HIGHEST", e.g. "FetchRequest Fetch request 4 18". Both outputs have one
 * JSON object a line and case, what the barnabas command takes in its bulk mode to decode, respectively to encode.
 */
final class Messages {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int WITH_HEADER = 5; // one case in so many
  private static final int WITH_TAGS = 4;

  /** A message, and what it must read as. */
  private record Made(byte[] bytes, ObjectNode json) {}

  /** A generated class and its JSON converter. */
  private static final class Kind {
    final Schema schema;
    final Constructor<?> empty;
    final Method read;
    final Method write;
    final Object[] tables;

    Kind(String name) throws ReflectiveOperationException, IOException {
      schema = Schema.load(name);
      Class<?> data = Class.forName(schema.className());
      Class<?> converter = Class.forName(schema.className() + "JsonConverter");
      empty = data.getConstructor();
      read = converter.getMethod("read", JsonNode.class, short.class);
      write = converter.getMethod("write", data, short.class, boolean.class);
      Field field = data.getField("SCHEMAS");
      Object array = field.get(null);
      tables = new Object[Array.getLength(array)];
      for (int i = 0; i < tables.length; ++i) tables[i] = Array.get(array, i);
    }

    /** Kafka's own tables must know the fields under the names that we say. */
    void checkNames(int version) {
      var table = (org.apache.kafka.common.protocol.types.Schema) tables[version];
      for (Schema.Field each : schema.fields) {
        if (each.versions().has(version) && !each.hasTag(version) && table.get(each.snake()) == null) {
          throw new IllegalStateException(schema.name + " has no field " + each.snake() + " in version " + version);
        }
      }
    }

    Made make(int version, RandomJson random, ObjectNode input, boolean tags) throws ReflectiveOperationException {
      Message message = (Message) read.invoke(null, input, (short) version);
      if (tags && schema.flexible.has(version))
        UnknownTags.scatter(schema.fields, message, version, random);
      return new Made(bytes(message, version), json(message, version));
    }

    /** What Kafka reads in bytes. Throws what Kafka throws. */
    ObjectNode read(byte[] bytes, int version) throws ReflectiveOperationException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      Message message = (Message) empty.newInstance();
      message.read(new ByteBufferAccessor(buffer), (short) version);
      if (buffer.hasRemaining())
        throw new IllegalArgumentException("bytes behind the message");
      return json(message, version);
    }

    private ObjectNode json(Message message, int version) throws ReflectiveOperationException {
      JsonNode printed = (JsonNode) write.invoke(null, message, (short) version, true);
      return Canonical.of(schema.fields, printed, message, version);
    }
  }

  private final Kind requestHeader = new Kind("RequestHeader");
  private final Kind responseHeader = new Kind("ResponseHeader");
  private final long seed;
  private final int cases;
  private final boolean small;
  private final boolean damaged;
  private final OutputStream decode;
  private final OutputStream encode;

  private Messages(long seed, int cases, String how, OutputStream decode, OutputStream encode)
      throws ReflectiveOperationException, IOException {
    this.seed = seed;
    this.cases = cases;
    this.small = how.equals("small");
    this.damaged = how.equals("damaged");
    this.decode = decode;
    this.encode = encode;
  }

  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    try (OutputStream decode = new BufferedOutputStream(Files.newOutputStream(Path.of(args[4])), 1 << 16);
        OutputStream encode = new BufferedOutputStream(Files.newOutputStream(Path.of(args[5])), 1 << 16)) {
      var program = new Messages(Long.parseLong(args[1]), Integer.parseInt(args[2]), args[3], decode, encode);
      for (String job : Files.readAllLines(Path.of(args[0]))) program.run(job.split(" "));
    }
  }

  private void run(String[] job) throws ReflectiveOperationException, IOException {
    Kind kind = new Kind(job[0]);
    for (int version = Integer.parseInt(job[3]); version <= Integer.parseInt(job[4]); ++version) {
      kind.checkNames(version);
      for (int i = 0; i < cases; ++i) {
        // Each case has its own seed, so that it comes again when it is asked for alone.
        var random = new RandomJson(
            new SplittableRandom(seed * 1_000_003 + job[0].hashCode() * 31L + version * 7919L + i * 104_729L), small);
        if (damaged)
          damaged(kind, job[1], job[2], version, random);
        else
          one(kind, job[1], job[2], version, random);
      }
    }
  }

  /** A message that suffered, and what Kafka still reads in it, or why it does not. */
  private void damaged(Kind kind, String api, String word, int version, RandomJson random)
      throws ReflectiveOperationException, IOException {
    ObjectNode input = random.message(kind.schema, version);
    byte[] bytes = random.damaged(kind.make(version, random, input, random.oneIn(WITH_TAGS)).bytes());
    ObjectNode given = start(api, word, version);
    line(decode, given.deepCopy().put("hex", HexFormat.of().formatHex(bytes)));
    try {
      given.set("json", kind.read(bytes, version));
    } catch (RuntimeException error) {
      given.put("error", error.toString());
    }
    line(encode, given);
  }

  private static ObjectNode start(String api, String word, int version) {
    return JsonNodeFactory.instance.objectNode().put("api", api).put("kind", word).put("version", version);
  }

  private void one(Kind kind, String api, String word, int version, RandomJson random)
      throws ReflectiveOperationException, IOException {
    boolean tags = !small && random.oneIn(WITH_TAGS);
    boolean header = !small && kind.schema.apiKey >= 0 && random.oneIn(WITH_HEADER);
    Made front = header ? header(kind.schema, version, random, tags) : null;
    Made body = kind.make(version, random, random.message(kind.schema, version), tags);

    ObjectNode given = start(api, word, version);
    ObjectNode wanted = given.deepCopy();
    String hex = HexFormat.of().formatHex(body.bytes());
    if (header) {
      given.put("header", true);
      wanted.set("header", front.json());
      hex = HexFormat.of().formatHex(front.bytes()) + hex;
    }
    given.put("hex", hex);
    wanted.set("json", body.json());
    line(decode, given);
    line(encode, wanted);
  }

  private Made header(Schema schema, int version, RandomJson random, boolean tags) throws ReflectiveOperationException {
    ApiMessageType type = ApiMessageType.fromApiKey((short) schema.apiKey);
    boolean request = schema.type.equals("request");
    Kind kind = request ? requestHeader : responseHeader;
    int of = request ? type.requestHeaderVersion((short) version) : type.responseHeaderVersion((short) version);
    ObjectNode input = random.message(kind.schema, of);
    if (request)
      input.put("requestApiKey", (short) schema.apiKey).put("requestApiVersion", (short) version);
    return kind.make(of, random, input, tags);
  }

  private static byte[] bytes(Message message, int version) {
    var cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, (short) version));
    message.write(new ByteBufferAccessor(buffer), cache, (short) version);
    if (buffer.hasRemaining())
      throw new IllegalStateException("Kafka announced more bytes than it wrote");
    return buffer.array();
  }

  private static void line(OutputStream out, ObjectNode node) throws IOException {
    out.write(MAPPER.writeValueAsBytes(node));
    out.write('\n');
  }
}
