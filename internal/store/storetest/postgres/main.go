// Command postgres runs a command with a throw-away PostgreSQL server, whose
// address it finds in WEIXIAO_TEST_POSTGRES, and ends the server afterwards.
// Without an installed server it runs the command all the same.
//
//	go run ./internal/store/storetest/postgres [-durable] go test ./...
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"weixiao/internal/store/storetest"
)

func main() {
	durable := flag.Bool("durable", false, "keep fsync on")
	flag.Parse()
	os.Exit(run(*durable, flag.Args()))
}

func run(durable bool, args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: postgres [-durable] COMMAND…")
		return 2
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, os.Environ()
	if os.Getenv("WEIXIAO_TEST_POSTGRES") == "" {
		s, err := storetest.Start(durable)
		if err != nil {
			fmt.Fprintln(os.Stderr, "no PostgreSQL:", err)
		} else {
			defer s.Stop()
			cmd.Env = append(cmd.Env, "WEIXIAO_TEST_POSTGRES="+s.URL)
		}
	}
	// An interrupt reaches the command by itself; we stay to put the server away.
	gone := make(chan os.Signal, 1)
	signal.Notify(gone, os.Interrupt, syscall.SIGTERM)
	err := cmd.Start()
	if err == nil {
		go func() {
			for s := range gone {
				if s == syscall.SIGTERM {
					_ = cmd.Process.Signal(s)
				}
			}
		}()
		err = cmd.Wait()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
