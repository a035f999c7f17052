package sdk

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// Runs the documentation's example at each SIGUSR1.
func TestMain(*testing.M) {
	wanted := make(chan os.Signal, 1)
	signal.Notify(wanted, syscall.SIGUSR1)
	fmt.Println("ready")
	for range wanted {
		ExampleTracerProvider()
		fmt.Println("done")
	}
}
