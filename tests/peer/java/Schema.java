import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A message as the schema inside the kafka-clients jar describes it. */
final class Schema {
  /** A range of versions: "3", "3+", "3-7", "none". */
  record Versions(int lowest, int highest) {
    static final int OPEN = Short.MAX_VALUE;
    static final Versions NONE = new Versions(0, -1);

    static Versions parse(String text) {
      if (text.equals("none") || text.isEmpty())
        return NONE;
      if (text.endsWith("+"))
        return new Versions(Integer.parseInt(text.substring(0, text.length() - 1)), OPEN);
      int dash = text.indexOf('-');
      if (dash < 0)
        return new Versions(Integer.parseInt(text), Integer.parseInt(text));
      return new Versions(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }

    boolean has(int version) { return lowest <= version && version <= highest; }
  }

  /** One field; {@code fields} are those of its structure, or of the structures in its list. */
  record Field(String name, String type, Versions versions, Versions nullable, Versions tagged, int tag,
      JsonNode standard, List<Field> fields) {
    boolean isList() { return type.startsWith("[]"); }

    String elementType() { return type.substring(2); }

    /** The name in Kafka's JSON and of its accessor. */
    String camel() { return Character.toLowerCase(name.charAt(0)) + name.substring(1); }

    /** The name in Kafka's own field tables: an underscore before each capital that follows a small letter or digit. */
    String snake() {
      StringBuilder out = new StringBuilder();
      boolean capital = true;
      for (char c : name.toCharArray()) {
        if (Character.isUpperCase(c) && !capital)
          out.append('_');
        capital = Character.isUpperCase(c);
        out.append(Character.toLowerCase(c));
      }
      return out.toString();
    }

    boolean hasTag(int version) { return tagged.has(version); }
  }

  private static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);

  final String name;
  final String type; // request, response, data, header
  final int apiKey;
  final Versions flexible;
  final List<Field> fields;

  private Schema(JsonNode root) {
    name = root.get("name").asText();
    type = root.get("type").asText();
    apiKey = root.path("apiKey").asInt(-1);
    flexible = Versions.parse(root.path("flexibleVersions").asText("none"));
    Map<String, JsonNode> common = new HashMap<>();
    for (JsonNode each : root.path("commonStructs")) common.put(each.get("name").asText(), each.get("fields"));
    fields = fieldsOf(root.get("fields"), common);
  }

  static Schema load(String name) throws IOException {
    try (InputStream in = Schema.class.getResourceAsStream("/common/message/" + name + ".json")) {
      if (in == null)
        throw new IOException("no schema of " + name + " in the jars");
      return new Schema(MAPPER.readTree(in));
    }
  }

  private static List<Field> fieldsOf(JsonNode nodes, Map<String, JsonNode> common) {
    List<Field> out = new ArrayList<>();
    for (JsonNode node : nodes) {
      String type = node.get("type").asText();
      JsonNode inner = node.get("fields");
      if (inner == null)
        inner = common.get(type.replace("[]", ""));
      out.add(new Field(node.get("name").asText(), type, Versions.parse(node.path("versions").asText("0+")),
          Versions.parse(node.path("nullableVersions").asText("none")),
          Versions.parse(node.path("taggedVersions").asText("none")), node.path("tag").asInt(-1), node.path("default"),
          inner == null ? List.of() : fieldsOf(inner, common)));
    }
    return out;
  }

  /** The generated class: requests, responses and headers end in Data. */
  String className() { return "org.apache.kafka.common.message." + name + (type.equals("data") ? "" : "Data"); }
}
