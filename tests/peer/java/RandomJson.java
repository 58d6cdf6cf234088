import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ShortNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.Uuid;

/** Random messages in the form that Kafka's JSON converters read. */
final class RandomJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String[] PIECES = {
      "é", "ß", "Ж", "漢字", "😀", "\u0000", "\n", "\"", "\\", "/", "\u007f", "\u2028", "𐍈", "\ufeff"};
  private static final long[] EDGES = {0, 1, -1, 2, 63, 64, 127, 128, -128, 255, 256, 32767, 32768, -32768, 65535, 8191,
      8192, 1048575, 1048576, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1700000000000L};
  private static final double[] DOUBLES = {0.0, -0.0, 1.0, -1.5, 0.1, 1e300, -1e-300, Double.MIN_VALUE,
      Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 123456789.125};

  private static final byte[] DAMAGE = {0, 1, 2, 3, 16, 127, -128, -2, -1};

  private final SplittableRandom random;
  private final boolean small; // for golden files: everything there, nothing long
  private int left; // list elements that this message may still have

  RandomJson(SplittableRandom random, boolean small) {
    this.random = random;
    this.small = small;
  }

  ObjectNode message(Schema schema, int version) {
    left = small ? 40 : 300;
    return structure(schema.fields, version, 0);
  }

  boolean oneIn(int n) { return random.nextInt(n) == 0; }

  int below(int n) { return random.nextInt(n); }

  private ObjectNode structure(List<Schema.Field> fields, int version, int depth) {
    ObjectNode out = JSON.objectNode();
    for (Schema.Field field : fields) {
      if (!field.versions().has(version))
        continue;
      if (field.hasTag(version) && !small && oneIn(2))
        continue;
      out.set(field.camel(), value(field, version, depth));
    }
    return out;
  }

  private JsonNode value(Schema.Field field, int version, int depth) {
    if (field.nullable().has(version) && oneIn(small ? 8 : 4))
      return NullNode.instance;
    if (!field.isList())
      return single(field.type(), field, version, depth);
    ArrayNode out = JSON.arrayNode();
    boolean structures = !field.fields().isEmpty();
    for (int count = elements(structures, depth); count > 0 && left > 0; --count, --left) {
      out.add(single(field.elementType(), field, version, depth + 1));
    }
    return out;
  }

  private int elements(boolean structures, int depth) {
    if (small)
      return depth < 2 ? 1 + below(2) : 1;
    if (oneIn(6))
      return 0;
    if (oneIn(structures ? 400 : 100))
      return 126 + below(4); // around the second byte of a varint
    return 1 + below(Math.max(1, 3 - depth));
  }

  private JsonNode single(String type, Schema.Field field, int version, int depth) {
    switch (type) {
      case "bool":
        return BooleanNode.valueOf(random.nextInt() < 0);
      case "int8":
        return ShortNode.valueOf((byte) integer());
      case "int16":
        return ShortNode.valueOf((short) integer());
      case "uint16":
        return IntNode.valueOf((int) integer() & 0xffff);
      case "int32":
        return IntNode.valueOf((int) integer());
      case "uint32":
        return LongNode.valueOf(integer() & 0xffffffffL);
      case "int64":
        return LongNode.valueOf(integer());
      case "float64":
        return DoubleNode.valueOf(real());
      case "string":
        return TextNode.valueOf(text());
      case "uuid":
        return TextNode.valueOf(uuid().toString());
      case "bytes":
      case "records":
        return BinaryNode.valueOf(bytes(length()));
      default:
        return structure(field.fields(), version, depth);
    }
  }

  private long integer() {
    if (oneIn(2))
      return EDGES[below(EDGES.length)];
    return oneIn(2) ? below(1000) : random.nextLong();
  }

  private double real() {
    if (small)
      return below(100) + 0.5;
    return oneIn(2) ? DOUBLES[below(DOUBLES.length)] : canonical(Double.longBitsToDouble(random.nextLong()));
  }

  // JSON cannot carry the payload of a NaN.
  private static double canonical(double value) { return Double.isNaN(value) ? Double.NaN : value; }

  private Uuid uuid() { return oneIn(5) ? Uuid.ZERO_UUID : new Uuid(random.nextLong(), random.nextLong()); }

  private int length() {
    if (small)
      return 1 + below(6);
    if (oneIn(10))
      return 0;
    if (oneIn(20))
      return 125 + below(5); // length + 1 around the second byte of a varint
    if (oneIn(2000))
      return 16381 + below(5);
    return 1 + below(12);
  }

  private String text() {
    if (!small && oneIn(6000))
      return "x".repeat(32767 - below(2));
    if (oneIn(small ? 8 : 5))
      return PIECES[below(PIECES.length)] + letters(below(4)) + PIECES[below(PIECES.length)];
    return letters(length());
  }

  private String letters(int count) {
    StringBuilder out = new StringBuilder(count);
    while (out.length() < count) out.append((char) ('a' + below(26)));
    return out.toString();
  }

  /** A few bytes changed, perhaps cut short. */
  byte[] damaged(byte[] whole) {
    byte[] out = oneIn(5) ? Arrays.copyOf(whole, below(whole.length + 1)) : whole.clone();
    for (int count = out.length == 0 ? 0 : 1 + below(3); count > 0; --count) {
      out[below(out.length)] = oneIn(2) ? (byte) random.nextInt() : DAMAGE[below(DAMAGE.length)];
    }
    return out;
  }

  byte[] bytes(int count) {
    byte[] out = new byte[count];
    for (int i = 0; i < count; ++i) out[i] = (byte) random.nextInt();
    return out;
  }
}
