import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;

/**
 * Kafka's JSON of a message in the form that the barnabas command uses: snake_case names, tagged fields also when they
 * have their default (Kafka leaves these out), unknown tags, and the bytes of records (Kafka prints none).
 */
final class Canonical {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Canonical() {}

  static ObjectNode of(List<Schema.Field> fields, JsonNode printed, Message message, int version) {
    ObjectNode out = JSON.objectNode();
    for (Schema.Field field : fields) {
      if (!field.versions().has(version))
        continue;
      JsonNode node = printed.get(field.camel());
      out.set(field.snake(), node == null ? standard(field, version) : value(field, node, message, version));
    }
    UnknownTags.print(message, out);
    return out;
  }

  private static JsonNode value(Schema.Field field, JsonNode node, Message message, int version) {
    boolean records = field.type().equals("records");
    if (!records && (field.fields().isEmpty() || node.isNull()))
      return node;
    Object object = UnknownTags.get(message, field.camel());
    if (records)
      return object == null ? NullNode.instance : bytes((ByteBuffer) UnknownTags.get(object, "buffer"));
    if (!field.isList())
      return of(field.fields(), node, (Message) object, version);
    ArrayNode out = JSON.arrayNode();
    Iterator<?> objects = ((Collection<?>) object).iterator();
    for (int i = 0; i < node.size(); ++i) {
      out.add(of(field.fields(), node.get(i), (Message) objects.next(), version));
    }
    return out;
  }

  private static JsonNode bytes(ByteBuffer buffer) {
    byte[] out = new byte[buffer.remaining()];
    buffer.duplicate().get(out);
    return BinaryNode.valueOf(out);
  }

  private static JsonNode standard(Schema.Field field, int version) {
    String text = field.standard().asText("");
    if (text.equals("null"))
      return NullNode.instance;
    if (field.isList())
      return JSON.arrayNode();
    switch (field.type()) {
      case "bool":
        return BooleanNode.valueOf(text.equals("true"));
      case "float64":
        return DoubleNode.valueOf(text.isEmpty() ? 0 : Double.parseDouble(text));
      case "string":
        return TextNode.valueOf(text);
      case "bytes":
        return TextNode.valueOf("");
      case "records":
        return NullNode.instance;
      case "uuid":
        return TextNode.valueOf(Uuid.ZERO_UUID.toString());
      default:
        return field.fields().isEmpty() ? LongNode.valueOf(text.isEmpty() ? 0 : Long.decode(text))
                                        : structure(field, version);
    }
  }

  private static JsonNode structure(Schema.Field field, int version) {
    ObjectNode out = JSON.objectNode();
    for (Schema.Field inner : field.fields()) {
      if (inner.versions().has(version))
        out.set(inner.snake(), standard(inner, version));
    }
    return out;
  }
}
