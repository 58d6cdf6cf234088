#include "barnabas/tools/man_words.hpp"

namespace barnabas::tools {
namespace {

constexpr ManExample all_examples[] = {
    {"An embedded cluster to try things with, until Ctrl-C:", "barnabas broker -t orders:4"},
    {"A thousand records into it, and out again:", "seq 1000 | barnabas produce -b localhost:9092 -t orders"},
    {"", "barnabas consume -b localhost:9092 -t orders -e"},
};
constexpr ManExample run_examples[] = {
    {"Only read the configuration and report its problems:", "barnabas run --config kafkamq.conf --check"},
    {"Deliver until SIGTERM:", "barnabas run --config kafkamq.conf"},
};
constexpr ManExample consume_examples[] = {
    {"A topic to its end, as JSON:", "barnabas consume -b localhost:9092 -t orders -e -J"},
    {"The last ten records of each partition, with their places and keys:",
     R"(barnabas consume -b localhost:9092 -t orders -o -10 -e -f '%t [%p] at %o: %k = %s\n')"},
    {"What was written between two times, in milliseconds since 1970:",
     "barnabas consume -b localhost:9092 -t orders -o s@1700000000000 -o e@1700000060000"},
    {"As a member of a group, from the beginning where it has no commit; what was printed is committed:",
     "barnabas consume -b localhost:9092 -G readers -o beginning -e orders"},
};
constexpr ManExample produce_examples[] = {
    {"Each line is a record:", "seq 1000 | barnabas produce -b localhost:9092 -t orders -z zstd"},
    {"Keys before a colon, and a header on each record:",
     "echo key:value | barnabas produce -b localhost:9092 -t orders -K : -H source=shell"},
    {"A tombstone, which deletes the key from a compacted topic:",
     "echo key: | barnabas produce -b localhost:9092 -t orders -K : -Z"},
    {"All of the input as one record:", "date | barnabas produce -b localhost:9092 -t orders -D ''"},
};
constexpr ManExample topics_examples[] = {
    {"", "barnabas topics create -b localhost:9092 payments --partitions 6 --config retention.ms=86400000"},
    {"", "barnabas topics list -b localhost:9092"},
    {"", "barnabas topics describe -b localhost:9092 payments --json"},
    {"", "barnabas topics delete -b localhost:9092 payments"},
};
constexpr ManExample metadata_examples[] = {
    {"", "barnabas metadata -b localhost:9092"},
    {"One topic, as JSON:", "barnabas metadata -b localhost:9092 -t orders -J"},
};
constexpr ManExample offsets_examples[] = {
    {"Where the logs begin and end:", "barnabas offsets -b localhost:9092 orders"},
    {"The first record at a time or after it:", "barnabas offsets -b localhost:9092 orders --time 1700000000000"},
};
constexpr ManExample query_examples[] = {
    {"", "barnabas query -b localhost:9092 orders:0:0"},
    {"Its value alone:", "barnabas query -b localhost:9092 orders:0:0 -f %s"},
};
constexpr ManExample broker_examples[] = {
    {"Three nodes on free ports; the first line says where:", "barnabas broker -n 3 -p 0 -t orders:4"},
};
constexpr ManExample demo_examples[] = {
    {"", "barnabas demo"},
    {"Only the summary, for a program:", "barnabas demo --records 20000 -q --json"},
};
constexpr ManExample bench_examples[] = {
    {"", "barnabas bench consume -b localhost:9092 -t orders -c 100"},
};
constexpr ManExample protocol_examples[] = {
    {"", "barnabas protocol list"},
    {"The fields of a message in one version:", "barnabas protocol describe FetchRequest --version 12"},
    {"A request as bytes, and what bytes mean:",
     R"(barnabas protocol encode --api MetadataRequest --version 4 '{"topics":[{"name":"orders"}]}')"},
    {"", "barnabas protocol decode --api MetadataRequest --version 4 0000000100066f726465727301"},
    {"Who asks what on the wire, out of a capture of tcpdump:", "barnabas protocol decode --pcap capture.pcap"},
};
constexpr ManExample records_examples[] = {
    {"A segment of a broker's log:", "barnabas records decode --raw @00000000000000000000.log"},
    {"A batch as bytes, and back:",
     R"(barnabas records encode '{"records":[{"value":"aGVsbG8="}]}' | barnabas records decode -)"},
};
constexpr ManExample groups_examples[] = {
    {"Where a group will begin; without --execute it is only shown. A group that is not there comes into being:",
     "barnabas groups reset -b localhost:9092 billing -t orders --to-earliest --execute"},
    {"Which groups there are, and one of them from the inside:", "barnabas groups list -b localhost:9092"},
    {"", "barnabas groups describe -b localhost:9092 billing"},
    {"What all groups have still to read, with rates, until Ctrl-C:",
     "barnabas groups lag -b localhost:9092 --all --watch"},
    {"Its offsets, kept and written back:", "barnabas groups export -b localhost:9092 billing > offsets.json"},
    {"", "barnabas groups import -b localhost:9092 billing offsets.json --execute"},
    {"An hour back, as a plan:", "barnabas groups reset -b localhost:9092 billing --all-topics --by-duration PT1H"},
    {"The same words as kafka-consumer-groups.sh:",
     "barnabas groups --bootstrap-server localhost:9092 --describe --group billing"},
    {"", "barnabas groups delete -b localhost:9092 billing"},
    {"What two members get of a topic with three partitions:",
     R"(echo '{"id":1,"assignor":"range","topics":[{"name":"orders","partitions":[{"id":0},{"id":1},{"id":2}]}],"members":[{"member_id":"a","topics":["orders"]},{"member_id":"b","topics":["orders"]}]}' | barnabas groups assign --jsonl)"},
};
constexpr ManExample completion_examples[] = {
    {"For this shell alone, which is bash:", "source <(barnabas completion bash)"},
    {"For every fish of this user:", "barnabas completion fish > ~/.config/fish/completions/barnabas.fish"},
};
constexpr ManExample man_examples[] = {
    {"", "barnabas man consume | man -l -"},
};

constexpr ManWords words[] = {
    {"",
     "Barnabas reads from Apache Kafka and hands records on: to an HTTP endpoint as a configuration file says (run), "
     "or "
     "to a terminal (consume). It speaks Kafka's protocol itself, with brokers from 0.8.2 on.\n\n"
     "Records and reports go to standard output, everything for people to standard error. A reader that goes away ends "
     "the command with exit status 0. The first SIGINT or SIGTERM asks for an orderly end, the second ends the process "
     "at once.",
     all_examples},
    {"run",
     "Takes records of the topics that the configuration names, as a member of a consumer group, and delivers them to "
     "handlers: at least once, and in the order of their partition unless told otherwise. What waiting can cure is "
     "tried again for ever, and said on standard error.\n\n"
     "SIGINT or SIGTERM delivers what is in hand, commits and leaves the group.",
     run_examples},
    {"consume",
     "Without -G all partitions are taken by hand, from the beginning, and nothing is committed. With -G this is one "
     "member of a group: others may have the rest of the partitions, and what was printed is committed.\n\n"
     "It goes on until SIGINT, unless -e, -c, -o e@MS or --max-wait-ms says when to end. Letters and meaning of the "
     "flags are those of kcat.",
     consume_examples},
    {"produce",
     "Each line of standard input becomes a record. A batch that is refused for a reason that may pass is tried again "
     "for two minutes; the exit status tells whether all were written.",
     produce_examples},
    {"topics", "Lists, describes, creates and deletes topics.", topics_examples},
    {"metadata",
     "Tells what kcat -L tells: the cluster's id, its brokers and controller, topics, partitions, leaders, replicas. A "
     "topic that was asked for and does not exist makes the exit status 1.",
     metadata_examples},
    {"offsets",
     "Tells for each partition the first offset, the high watermark (what a reader of read_uncommitted gets to) and "
     "the "
     "last stable offset (read_committed); with --time the first record at or after that time.",
     offsets_examples},
    {"query",
     "Prints the record at one offset. When none stands there, the error says where the log begins and ends, or which "
     "record comes next.",
     query_examples},
    {"broker",
     "A cluster for trying things out and for tests. It listens on 127.0.0.1 and forgets everything at its end. The "
     "first line of standard output says where it is: bootstrap=HOST:PORT,...",
     broker_examples},
    {"demo",
     "Starts a cluster of three nodes, a producer, the engine of barnabas run and an HTTP endpoint in one process, "
     "lets "
     "the endpoint fail for a while and a broker die, and counts what arrived.",
     demo_examples},
    {"bench",
     "Measures. bench consume reads a topic from its beginning and prints one line: records, bytes of values, wall "
     "time, CPU time and memory.",
     bench_examples},
    {"protocol",
     "Kafka's messages without a cluster: what they are made of, bytes as JSON and JSON as bytes, and captures of "
     "tcpdump read as requests with their responses.",
     protocol_examples},
    {"records",
     "Record batches (magic 2) and message sets (magic 0 and 1) as JSON and back, without a cluster: what stands in "
     "Fetch and Produce, or in a log segment.",
     records_examples},
    {"groups",
     "Groups of all kinds, classic, consumer and share: which there are (list), who is in them (describe, members), "
     "how far they have come (offsets, lag), where they go on (reset, import, export), and their end (delete, "
     "delete-offsets). Offsets are moved, and groups deleted, only while nobody is in them. reset and import show what "
     "they would do; --execute does it.\n\n"
     "Command lines of kafka-consumer-groups.sh and kafka-share-groups.sh work behind barnabas groups as they are.\n\n"
     "lag --watch draws on the whole terminal, the partitions with the largest lag first when there is no room for "
     "all; into a pipe it writes lines. Ctrl-C ends it with exit status 0.\n\n"
     "groups assign tells which member of a group would get which partitions, by any of the assignors "
     "that Barnabas has, without a cluster: each line of standard input is one group, each line of standard output its "
     "assignment, the same that Kafka's own clients make.",
     groups_examples},
    {"completion",
     "Prints a script that the shell reads. Commands, flags, their choices and the names and values of -X are "
     "completed; topics and groups are not. An installation puts the scripts where the shells look for them.",
     completion_examples},
    {"man",
     "Prints the manual page of barnabas or of one command, for man(1), groff(1) or mandoc(1). An installation puts "
     "them where man looks for them.",
     man_examples},
};

}  // namespace

const ManWords* man_words(std::string_view command) {
  for (const ManWords& found : words) {
    if (found.command == command) return &found;
  }
  return nullptr;
}

}  // namespace barnabas::tools
