import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/** Random record batches and message sets, written by Kafka's own builder. */
final class RandomBatches {
  private static final int WRITE_LIMIT = 64 << 20;
  private static final long[] BASE_OFFSETS = {0, 1, 4711, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE - 100_000};
  private static final long TIME = 1_700_000_000_000L;

  private final SplittableRandom random;
  private final byte magic;
  private final CompressionType codec;

  RandomBatches(SplittableRandom random, int magic, CompressionType codec) {
    this.random = random;
    this.magic = (byte) magic;
    this.codec = codec;
  }

  /** One to three batches in a row. */
  byte[] write() {
    var out = new ByteBufferOutputStream(1024);
    long offset = BASE_OFFSETS[random.nextInt(BASE_OFFSETS.length)];
    for (int count = 1 + random.nextInt(3); count > 0; --count) offset = batch(out, offset) + 1 + random.nextInt(3);
    ByteBuffer buffer = out.buffer();
    buffer.flip();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Returns the last offset. */
  private long batch(ByteBufferOutputStream out, long offset) {
    if (magic < 2)
      return records(out, offset, false, RecordBatch.NO_TIMESTAMP);
    switch (random.nextInt(10)) {
      case 0:
        return control(out, offset);
      case 1:
        return empty(out, offset);
      case 2:
        return records(out, offset, true, TIME + random.nextInt(1_000_000));
      default:
        return records(out, offset, random.nextBoolean(), RecordBatch.NO_TIMESTAMP);
    }
  }

  private long records(ByteBufferOutputStream out, long offset, boolean producer, long deleteHorizonMs) {
    boolean appendTime = magic > 0 && oneIn(3);
    boolean transactional = producer && random.nextBoolean();
    int epoch = oneIn(2) ? RecordBatch.NO_PARTITION_LEADER_EPOCH : random.nextInt(1000);
    try (var builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(512), magic, compression(),
             timestamps(appendTime), offset, appendTime ? TIME + random.nextInt(100_000) : RecordBatch.NO_TIMESTAMP,
             producer ? random.nextLong(Long.MAX_VALUE) : RecordBatch.NO_PRODUCER_ID,
             producer ? (short) random.nextInt(Short.MAX_VALUE) : RecordBatch.NO_PRODUCER_EPOCH,
             producer ? random.nextInt(Integer.MAX_VALUE) : RecordBatch.NO_SEQUENCE, transactional, false, epoch,
             WRITE_LIMIT, deleteHorizonMs)) {
      long last = offset;
      for (int count = recordCount(); count > 0; --count) {
        last = offset;
        builder.appendWithOffset(offset, timestamp(), bytes(true), bytes(true), headers());
        offset += 1 + (oneIn(5) ? random.nextInt(1000) : 0);
      }
      builder.close();
      out.write(builder.build().buffer());
      return last;
    }
  }

  private TimestampType timestamps(boolean appendTime) {
    if (magic == 0)
      return TimestampType.NO_TIMESTAMP_TYPE;
    return appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
  }

  private Compression compression() {
    switch (codec) {
      case NONE:
        return Compression.NONE;
      case GZIP:
        return Compression.gzip().level(1 + random.nextInt(9)).build();
      case SNAPPY:
        return Compression.snappy().build();
      case LZ4:
        return Compression.lz4().level(1 + random.nextInt(12)).build();
      case ZSTD:
        return Compression.zstd().level(random.nextInt(10) - 3).build();
      default:
        throw new IllegalStateException(codec.name);
    }
  }

  /** Marks of transactions, and what KRaft's quorum writes. */
  private long control(ByteBufferOutputStream out, long offset) {
    boolean marker = random.nextBoolean();
    try (var builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(256), magic, Compression.NONE,
             TimestampType.CREATE_TIME, offset, RecordBatch.NO_TIMESTAMP,
             marker ? random.nextLong(Long.MAX_VALUE) : RecordBatch.NO_PRODUCER_ID,
             marker ? (short) random.nextInt(1000) : RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, marker,
             true, random.nextInt(1000), WRITE_LIMIT)) {
      if (marker) {
        var type = random.nextBoolean() ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        builder.appendEndTxnMarker(TIME, new EndTransactionMarker(type, random.nextInt(100)));
      } else {
        switch (random.nextInt(4)) {
          case 0 ->
            builder.appendLeaderChangeMessage(TIME,
                new LeaderChangeMessage()
                    .setLeaderId(random.nextInt(9))
                    .setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(3))));
          case 1 ->
            builder.appendSnapshotHeaderMessage(TIME, new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIME));
          case 2 -> builder.appendSnapshotFooterMessage(TIME, new SnapshotFooterRecord());
          default -> builder.appendKRaftVersionMessage(TIME, new KRaftVersionRecord().setKRaftVersion((short) 1));
        }
      }
      builder.close();
      out.write(builder.build().buffer());
      return offset;
    }
  }

  /** What compaction leaves of a batch whose records are all gone. */
  private long empty(ByteBufferOutputStream out, long offset) {
    long last = offset + random.nextInt(1000);
    ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
    DefaultRecordBatch.writeEmptyHeader(buffer, magic, random.nextInt(1000), (short) random.nextInt(100),
        random.nextInt(1000), offset, last, random.nextInt(1000), TimestampType.CREATE_TIME, TIME, random.nextBoolean(),
        false);
    buffer.flip();
    out.write(buffer);
    return last;
  }

  private int recordCount() { return oneIn(30) ? 200 + random.nextInt(200) : 1 + random.nextInt(6); }

  private long timestamp() {
    if (oneIn(20))
      return random.nextBoolean() ? 0 : RecordBatch.NO_TIMESTAMP;
    return oneIn(20) ? random.nextLong(1L << 50) : TIME + random.nextInt(100_000) - 50_000;
  }

  private byte[] bytes(boolean mayBeNull) {
    if (mayBeNull && oneIn(5))
      return null;
    byte[] out = new byte[size()];
    boolean compressible = random.nextBoolean();
    for (int i = 0; i < out.length; ++i) out[i] = (byte) (compressible ? "barnabas ".charAt(i % 9) : random.nextInt());
    return out;
  }

  private int size() {
    if (oneIn(10))
      return 0;
    if (oneIn(20))
      return 60 + random.nextInt(10); // around the second byte of a zigzag varint
    if (oneIn(200))
      return 60_000 + random.nextInt(80_000);
    return 1 + random.nextInt(40);
  }

  private Header[] headers() {
    List<Header> out = new ArrayList<>();
    if (magic == 2 && oneIn(3)) {
      for (int count = 1 + random.nextInt(3); count > 0; --count)
        out.add(new RecordHeader(oneIn(8) ? "" : "häder-" + random.nextInt(9), bytes(true)));
    }
    return out.toArray(new Header[0]);
  }

  private boolean oneIn(int n) { return random.nextInt(n) == 0; }
}
