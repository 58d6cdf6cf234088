// The floor: what reading records from a broker costs when nothing but the unavoidable is done. One blocking socket,
// hand-encoded Fetch v11, one reused buffer, CRC32C by the processor, a walk over every varint that sums the value
// lengths; compressed batches go through the codec's own library in one call, with memory at hand. No group, no
// metadata, no reconnect: whoever consumes for real stands above this.
//
//   floor HOST PORT TOPIC PARTITION[-LAST] COUNT
//
// Prints `records=N bytes=B wall_s=… cpu_s=… rss_mb=…`; bytes is the sum of value lengths, cpu_s user + system time.
#include <arpa/inet.h>
#include <endian.h>
#include <lz4frame.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nmmintrin.h>
#include <snappy-c.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
  partitions_max = 1024,
  response_bytes = 2 << 20,
  partition_bytes = 1 << 20,
  batch_header_bytes = 61,
  decompressed_bytes = 16 << 20
};

typedef struct {
  const uint8_t* at;
  const uint8_t* end;
} Reader;

typedef struct {
  uint8_t data[1 << 16];
  size_t size;
} Request;

static int first_partition, partition_count;
static int64_t next_offset[partitions_max];
static uint64_t records, value_bytes, records_wanted;

static void die(const char* what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

static const uint8_t* take(Reader* in, size_t size) {
  if ((size_t)(in->end - in->at) < size) die("response ends early");
  const uint8_t* at = in->at;
  in->at += size;
  return at;
}

static uint64_t big_endian(const uint8_t* at, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | at[i];
  return value;
}

static int16_t read_int16(Reader* in) { return (int16_t)big_endian(take(in, 2), 2); }
static int32_t read_int32(Reader* in) { return (int32_t)big_endian(take(in, 4), 4); }
static int64_t read_int64(Reader* in) { return (int64_t)big_endian(take(in, 8), 8); }

static void put(Request* out, uint64_t value, int size) {
  for (int i = size - 1; i >= 0; --i) out->data[out->size++] = (uint8_t)(value >> (8 * i));
}

static void put_string(Request* out, const char* text) {
  size_t size = strlen(text);
  put(out, size, 2);
  memcpy(out->data + out->size, text, size);
  out->size += size;
}

static void encode_fetch(Request* out, const char* topic) {
  out->size = 4;
  put(out, 1, 2);   // Fetch
  put(out, 11, 2);  // version
  put(out, 7, 4);   // correlation id
  put_string(out, "floor");
  put(out, (uint64_t)-1, 4);    // replica id
  put(out, 500, 4);             // max wait, ms
  put(out, 1, 4);               // min bytes
  put(out, response_bytes, 4);  // max bytes
  put(out, 0, 1);               // read uncommitted
  put(out, 0, 4);               // no session
  put(out, (uint64_t)-1, 4);
  put(out, 1, 4);
  put_string(out, topic);
  put(out, (uint64_t)partition_count, 4);
  for (int i = 0; i < partition_count; ++i) {
    put(out, (uint64_t)(first_partition + i), 4);
    put(out, (uint64_t)-1, 4);  // leader epoch
    put(out, (uint64_t)next_offset[i], 8);
    put(out, (uint64_t)-1, 8);  // log start offset
    put(out, partition_bytes, 4);
  }
  put(out, 0, 4);  // forgotten topics
  put(out, 0, 2);  // rack
  const size_t size = out->size;
  out->size = 0;
  put(out, size - 4, 4);
  out->size = size;
}

__attribute__((target("sse4.2"))) static uint32_t crc32c(const uint8_t* at, size_t size) {
  uint64_t crc = 0xffffffff;
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; size > 0; ++at, --size) crc = _mm_crc32_u8((uint32_t)crc, *at);
  return ~(uint32_t)crc;
}

static int64_t read_varint(Reader* in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = *take(in, 1);
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
  }
  die("varint too long");
  return 0;
}

static void skip_sized(Reader* in) {
  const int64_t size = read_varint(in);
  if (size > 0) take(in, (size_t)size);
}

static void walk_record(Reader* in, int64_t base_offset, int64_t position) {
  Reader record;
  const int64_t size = read_varint(in);
  if (size < 0) die("negative record size");
  record.at = take(in, (size_t)size);
  record.end = record.at + size;
  take(&record, 1);      // attributes
  read_varint(&record);  // timestamp delta
  const int64_t offset = base_offset + read_varint(&record);
  skip_sized(&record);  // key
  const int64_t value = read_varint(&record);
  if (value > 0) take(&record, (size_t)value);
  for (int64_t headers = read_varint(&record); headers > 0; --headers) {
    skip_sized(&record);
    skip_sized(&record);
  }
  if (offset < position) return;  // a batch may begin before what was asked for
  ++records;
  if (value > 0) value_bytes += (uint64_t)value;
}

static size_t inflate_gzip(const uint8_t* from, size_t size, uint8_t* to) {
  static z_stream stream;
  static int begun = 0;
  if ((begun ? inflateReset(&stream) : inflateInit2(&stream, 31)) != Z_OK) die("zlib");
  begun = 1;
  stream.next_in = (Bytef*)from, stream.avail_in = (uInt)size;
  stream.next_out = to, stream.avail_out = decompressed_bytes;
  if (inflate(&stream, Z_FINISH) != Z_STREAM_END) die("broken gzip");
  return stream.total_out;
}

// Bare, as librdkafka writes it, or in the chunks of xerial's Java library.
static size_t unsnap(const uint8_t* from, size_t size, uint8_t* to) {
  size_t made = decompressed_bytes;
  if (size < 16 || memcmp(from, "\x82SNAPPY\0", 8) != 0) {
    if (snappy_uncompress((const char*)from, size, (char*)to, &made) != SNAPPY_OK) die("broken snappy");
    return made;
  }
  size_t total = 0;
  for (Reader in = {from + 16, from + size}; in.at < in.end; total += made) {
    const size_t chunk = (size_t)read_int32(&in);
    made = decompressed_bytes - total;
    if (snappy_uncompress((const char*)take(&in, chunk), chunk, (char*)to + total, &made) != SNAPPY_OK)
      die("broken snappy");
  }
  return total;
}

static size_t decompress_lz4(const uint8_t* from, size_t size, uint8_t* to) {
  static LZ4F_dctx* context;
  if (!context && LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) die("lz4");
  size_t made = decompressed_bytes;
  if (LZ4F_decompress(context, to, &made, from, &size, NULL) != 0) die("broken lz4");
  return made;
}

static size_t decompress_zstd(const uint8_t* from, size_t size, uint8_t* to) {
  static ZSTD_DCtx* context;
  if (!context) context = ZSTD_createDCtx();
  const size_t made = ZSTD_decompressDCtx(context, to, decompressed_bytes, from, size);
  if (ZSTD_isError(made)) die("broken zstd");
  return made;
}

static Reader body_of(const uint8_t* batch, size_t size) {
  static uint8_t* decompressed;
  const uint8_t* from = batch + batch_header_bytes;
  size -= batch_header_bytes;
  if (!(batch[22] & 7)) return (Reader){from, from + size};
  if (!decompressed && !(decompressed = malloc(decompressed_bytes))) die("out of memory");
  size_t made = 0;
  switch (batch[22] & 7) {
    case 1: made = inflate_gzip(from, size, decompressed); break;
    case 2: made = unsnap(from, size, decompressed); break;
    case 3: made = decompress_lz4(from, size, decompressed); break;
    case 4: made = decompress_zstd(from, size, decompressed); break;
    default: die("unknown codec");
  }
  return (Reader){decompressed, decompressed + made};
}

// Returns 0 when the rest is only the beginning of a batch.
static int walk_batch(Reader* in, int index) {
  if (in->end - in->at < batch_header_bytes) return 0;
  const uint8_t* batch = in->at;
  const int64_t base_offset = (int64_t)big_endian(batch, 8);
  const size_t size = 12 + big_endian(batch + 8, 4);
  if (size < batch_header_bytes || (size_t)(in->end - in->at) < size) return 0;
  in->at += size;
  if (batch[16] != 2) die("not a batch of format 2");
  if (crc32c(batch + 21, size - 21) != big_endian(batch + 17, 4)) die("wrong CRC");
  Reader body = body_of(batch, size);
  const int32_t count = (int32_t)big_endian(batch + 57, 4);
  if (!(batch[22] & 0x20))  // control batches carry no records
    for (int32_t i = 0; i < count; ++i) walk_record(&body, base_offset, next_offset[index]);
  next_offset[index] = base_offset + (int32_t)big_endian(batch + 23, 4) + 1;
  return 1;
}

static void walk_response(Reader in) {
  read_int32(&in);  // correlation id
  read_int32(&in);  // throttle time
  if (read_int16(&in)) die("Fetch answered an error");
  read_int32(&in);  // session
  for (int32_t topics = read_int32(&in); topics > 0; --topics) {
    take(&in, (size_t)read_int16(&in));
    for (int32_t partitions = read_int32(&in); partitions > 0; --partitions) {
      const int index = read_int32(&in) - first_partition;
      const int16_t error = read_int16(&in);
      if (error || index < 0 || index >= partition_count) die("error in a partition");
      take(&in, 24);  // high watermark, last stable offset, log start
      for (int32_t aborted = read_int32(&in); aborted > 0; --aborted) read_int64(&in), read_int64(&in);
      read_int32(&in);  // preferred replica
      const int32_t size = read_int32(&in);
      if (size <= 0) continue;
      Reader set;
      set.at = take(&in, (size_t)size);
      set.end = set.at + size;
      while (records < records_wanted && walk_batch(&set, index)) {}
    }
  }
}

static void receive(int connection, uint8_t* to, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(connection, to, size, 0);
    if (got <= 0) die("connection lost");
    to += got;
    size -= (size_t)got;
  }
}

static int connect_to(const char* host, const char* port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, port, &hints, &found)) die("no such host");
  const int connection = socket(found->ai_family, SOCK_STREAM, 0);
  if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen)) die("cannot connect");
  freeaddrinfo(found);
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Not ru_maxrss: that one begins with what the parent had before exec.
static double rss_mb(void) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[256];
  double kib = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmHWM: %lf", &kib) == 1) break;
  if (status) fclose(status);
  return kib / 1024;
}

int main(int argc, char** argv) {
  if (argc != 6) die("usage: floor HOST PORT TOPIC PARTITION[-LAST] COUNT");
  const char* dash = strchr(argv[4], '-');
  first_partition = atoi(argv[4]);
  partition_count = dash ? atoi(dash + 1) - first_partition + 1 : 1;
  if (partition_count < 1 || partition_count > partitions_max) die("1 to 1024 partitions");
  records_wanted = strtoull(argv[5], NULL, 10);

  static Request request;
  size_t capacity = 4u << 20;
  uint8_t* buffer = malloc(capacity);
  const int connection = connect_to(argv[1], argv[2]);
  const double begin = now_s();
  while (records < records_wanted) {
    encode_fetch(&request, argv[3]);
    if (send(connection, request.data, request.size, MSG_NOSIGNAL) != (ssize_t)request.size) die("cannot send");
    uint8_t prefix[4];
    receive(connection, prefix, 4);
    const size_t size = big_endian(prefix, 4);
    if (size > (1u << 30)) die("response over 1 GiB");
    if (size > capacity) buffer = realloc(buffer, capacity = size);
    if (!buffer) die("out of memory");
    receive(connection, buffer, size);
    walk_response((Reader){buffer, buffer + size});
  }
  const double wall_s = now_s() - begin;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  const double cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  printf("records=%llu bytes=%llu wall_s=%.3f cpu_s=%.3f rss_mb=%.1f\n", (unsigned long long)records,
         (unsigned long long)value_bytes, wall_s, cpu_s, rss_mb());
  close(connection);
  free(buffer);
  return 0;
}
