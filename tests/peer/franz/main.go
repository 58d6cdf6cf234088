// The Go peer: reads COUNT values of a topic from its beginning with franz-go and prints them, one a line.
//
//	franz BROKERS TOPIC COUNT [GROUP]
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func fail(what error) {
	fmt.Fprintln(os.Stderr, "franz:", what)
	os.Exit(1)
}

func main() {
	if len(os.Args) < 4 {
		fail(fmt.Errorf("usage: franz BROKERS TOPIC COUNT [GROUP]"))
	}
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail(err)
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(os.Args[1], ",")...),
		kgo.ConsumeTopics(os.Args[2]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
	if len(os.Args) > 4 && os.Args[4] != "" {
		options = append(options, kgo.ConsumerGroup(os.Args[4]))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	deadline, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out := bufio.NewWriter(os.Stdout)
	for seen := 0; seen < count; {
		fetches := client.PollFetches(deadline)
		if errors := fetches.Errors(); len(errors) > 0 {
			fail(fmt.Errorf("after %d of %d records: %v", seen, count, errors[0].Err))
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if seen < count {
				fmt.Fprintln(out, string(record.Value))
			}
			seen++
		})
	}
	out.Flush()
	client.Close()
}
