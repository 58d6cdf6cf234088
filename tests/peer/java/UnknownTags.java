import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/** Puts tagged fields that no schema knows into structures, and walks Kafka's objects alongside their schema. */
final class UnknownTags {
  private static final int LONG_LIST = 8;
  private static final Map<Class<?>, Map<String, Method>> ACCESSORS = new HashMap<>();

  private UnknownTags() {}

  /** Gives some of the structures in {@code message} unknown tags. */
  static void scatter(List<Schema.Field> fields, Message message, int version, RandomJson random) {
    if (random.oneIn(3))
      add(fields, message, random);
    for (Schema.Field field : fields) {
      if (field.fields().isEmpty() || !field.versions().has(version))
        continue;
      Object value = get(message, field.camel());
      if (value instanceof Message inner)
        scatter(field.fields(), inner, version, random);
      if (value instanceof Collection<?> list) {
        // Whoever keeps them bounds what they cost by the size of the message: in long lists they are rare.
        int oneIn = list.size() > LONG_LIST ? 12 : 1;
        for (Object each : list) {
          if (random.oneIn(oneIn))
            scatter(field.fields(), (Message) each, version, random);
        }
      }
    }
  }

  private static void add(List<Schema.Field> fields, Message message, RandomJson random) {
    Set<Integer> known = new HashSet<>();
    for (Schema.Field field : fields) known.add(field.tag());
    Set<Integer> tags = new TreeSet<>();
    for (int count = 1 + random.below(3); count > 0; --count) {
      int tag = random.oneIn(2) ? random.below(12) : random.below(random.oneIn(4) ? Integer.MAX_VALUE : 20000);
      if (!known.contains(tag))
        tags.add(tag);
    }
    for (int tag : tags) message.unknownTaggedFields().add(new RawTaggedField(tag, random.bytes(random.below(9))));
  }

  /** Writes the unknown tags of {@code message} into {@code out}. */
  static void print(Message message, ObjectNode out) {
    if (message.unknownTaggedFields().isEmpty())
      return;
    ArrayNode list = out.putArray("_unknown_tags");
    for (RawTaggedField field : message.unknownTaggedFields()) {
      list.addObject().put("tag", Integer.toUnsignedLong(field.tag())).put("data", field.data());
    }
  }

  static Object get(Object from, String accessor) {
    try {
      Map<String, Method> methods = ACCESSORS.computeIfAbsent(from.getClass(), type -> new HashMap<>());
      Method method = methods.get(accessor);
      if (method == null) {
        method = from.getClass().getMethod(accessor);
        methods.put(accessor, method);
      }
      return method.invoke(from);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException error) {
      throw new IllegalStateException(from.getClass() + " has no " + accessor + "()", error);
    }
  }
}
