// The messages of protocol_bench with Kafka's own classes. Reads the bodies from a directory, checks that it writes the
// same bytes, and prints the same lines.

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

final class ProtocolBench {
    private static final int ROUNDS = 31;
    private static final long WARM_UP_NS = 3_000_000_000L;
    private static final long ROUND_NS = 50_000_000L;
    private static Object sink;

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        run(directory, "metadata", (short) 12, MetadataResponseData::new);
        run(directory, "offset_fetch", (short) 8, OffsetFetchResponseData::new);
        run(directory, "join_group", (short) 9, JoinGroupResponseData::new);
    }

    private static void run(Path directory, String name, short version, Supplier<Message> fresh) throws Exception {
        byte[] body = Files.readAllBytes(directory.resolve(name));
        Message decoded = decode(body, version, fresh);
        if (!Arrays.equals(encode(decoded, version).array(), body)) {
            throw new IllegalStateException(name + ": written other than read");
        }
        measure(name + "_decode", () -> sink = decode(body, version, fresh));
        measure(name + "_encode", () -> sink = encode(decoded, version));
    }

    private static Message decode(byte[] body, short version, Supplier<Message> fresh) {
        Message message = fresh.get();
        message.read(new ByteBufferAccessor(ByteBuffer.wrap(body)), version);
        return message;
    }

    private static ByteBuffer encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer;
    }

    /** CPU time of this process, all threads. */
    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** CPU time of one run; collecting garbage counts, as it does in a client. */
    private static void measure(String name, Runnable once) {
        for (long start = cpuNs(); cpuNs() - start < WARM_UP_NS; ) {
            once.run();
        }
        double[] costs = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long runs = 0;
            long start = cpuNs();
            long passed = 0;
            for (; passed < ROUND_NS; passed = cpuNs() - start) {
                once.run();
                runs++;
            }
            costs[round] = (double) passed / runs;
        }
        Arrays.sort(costs);
        System.out.printf("case=%s who=java ns=%.2f%n", name, costs[ROUNDS / 2]);
    }
}
