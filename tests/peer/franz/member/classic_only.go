//go:build !go1.24

package main

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The newest franz-go that an older Go builds does not have it.
func consumerProtocol() kgo.Opt {
	fail(errors.New("this franz-go does not speak the consumer protocol"))
	return nil
}
