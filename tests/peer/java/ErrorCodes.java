import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Prints each error of Kafka's on a line: its code, its name, and whether it is retriable and asks for new metadata.
 */
final class ErrorCodes {
  private ErrorCodes() {}

  public static void main(String[] args) {
    for (Errors error : Errors.values()) {
      String line = error.code() + " " + error.name();
      if (error.exception() instanceof RetriableException)
        line += " retriable";
      if (error.exception() instanceof InvalidMetadataException)
        line += " metadata";
      System.out.println(line);
    }
  }
}
