// franz-go's consumer, for comparison in the same run: the same line as `barnabas bench consume` prints.
//
//	franz consume|latency BROKERS TOPIC COUNT [RESPONSE_BYTES PARTITION_BYTES]
//
// latency reads from the end of the topic what `rdkafka_bench source` writes.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const unmeasuredRecords = 100

func fail(what error) {
	fmt.Fprintln(os.Stderr, "franz:", what)
	os.Exit(1)
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err)
	}
	return value
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)*1e-6 }

func residentMB() float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "VmHWM:" {
			return float64(number(fields[1])) / 1024
		}
	}
	return 0
}

func poll(client *kgo.Client, take func(*kgo.Record)) {
	fetches := client.PollFetches(context.Background())
	if errors := fetches.Errors(); len(errors) > 0 {
		fail(errors[0].Err)
	}
	fetches.EachRecord(take)
}

func consume(client *kgo.Client, count int) {
	begin := time.Now()
	records, bytes := 0, 0
	for records < count {
		poll(client, func(record *kgo.Record) {
			if records < count {
				records++
				bytes += len(record.Value)
			}
		})
	}
	wall := time.Since(begin).Seconds()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fail(err)
	}
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	fmt.Printf("records=%d bytes=%d wall_s=%.3f cpu_s=%.3f rss_mb=%.1f allocations=%d\n", records, bytes, wall,
		seconds(used.Utime)+seconds(used.Stime), residentMB(), heap.Mallocs)
}

func latency(client *kgo.Client, count int) {
	var agesUs []float64
	for seen := 0; len(agesUs) < count; {
		poll(client, func(record *kgo.Record) {
			if seen++; seen > unmeasuredRecords && len(agesUs) < count {
				agesUs = append(agesUs, float64(time.Now().UnixNano()-int64(number(string(record.Value))))/1e3)
			}
		})
	}
	sort.Float64s(agesUs)
	fmt.Printf("p50_us=%.1f p99_us=%.1f max_us=%.1f\n", agesUs[count/2], agesUs[count*99/100], agesUs[count-1])
}

func main() {
	if len(os.Args) != 5 && len(os.Args) != 7 {
		fail(fmt.Errorf("usage: franz consume|latency BROKERS TOPIC COUNT [RESPONSE_BYTES PARTITION_BYTES]"))
	}
	start, work := kgo.NewOffset().AtStart(), consume
	if os.Args[1] == "latency" {
		start, work = kgo.NewOffset().AtEnd(), latency
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(os.Args[2], ",")...),
		kgo.ConsumeTopics(os.Args[3]),
		kgo.ConsumeResetOffset(start),
	}
	if len(os.Args) == 7 {
		options = append(options, kgo.FetchMaxBytes(int32(number(os.Args[5]))),
			kgo.FetchMaxPartitionBytes(int32(number(os.Args[6]))))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	work(client, number(os.Args[4]))
}
