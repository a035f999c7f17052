// Command without is a Go program that doesn't use net/http.
package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("ready")
	for {
		time.Sleep(time.Second)
	}
}
