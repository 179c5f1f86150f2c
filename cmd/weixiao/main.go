// Command weixiao is the software with which a district answers its people. One
// binary serves everything; README.md says how to begin.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// command is one subcommand.
type command struct {
	name, args, help string
	run              func(ctx context.Context, args []string, out io.Writer) error
}

func commands() []command {
	return []command{
		{"demo", "[--data DIR] [--addr HOST:PORT] [--scale N] [--seed N]", "Jiangyuan with a made-up year of work, ready to look at", runDemo},
		{"serve", "[--dev] [options]", "serve a district", runServe},
		{"init", "[--dev] [options]", "prepare an empty database and its first administrators", runInit},
		{"import", "cases|assets|positions|buildings|terms|shifts|firms [options] FILE", "take in cases, city assets, tracks of machines, buildings, terms of office, duty rosters or firms from XLSX or CSV", runImport},
		{"where", "LON LAT [--crs gcj02] [--database DSN]", "the areas of every layer at a point, one a line: layer, code, name", runWhere},
		{"layers", "list|check|import|export …", "polygon layers of the district: towns, communities, grids", runLayers},
		{"clock", "add TIME N UNIT | why NUMBER | profiles", "compute a deadline; explain those of a case", runClock},
		{"calendar", "load FILE | list", "take in a holiday notice; the calendars and their versions", runCalendar},
		{"who", "MATTER LON LAT [--at TIME] [--crs gcj02]", "who answers for a matter at a point: units, people, limits, rule and why", runWho},
		{"catalogue", "list | check | dry-run | publish | export | import", "the dispatch rules and questions, by version", runCatalogue},
		{"key", "issue|list|revoke [--scope NAME] [--until DAY] [CLIENT]", "keys with which programs and devices come in: a weather feed, positions of machines, an upstream hotline", runKey},
		{"verify", "[--scores] [options]", "prove that journal, records, figures and files agree", runVerify},
		{"doctor", "formalism [--pack DIR] [--database DSN] [--lang en] [--brief]", "list what is asked of staff, held against the rule against formalism; fails if anything is forbidden or unexplained", runDoctor},
		{"bench", "NAME [options]", "measure; prints one figure a line: name value unit", runBench},
		{"suggest", "eval --train F --test F --label COLUMN [options]", "measure the learned suggestion on a table of past cases", runSuggest},
		{"pack", "check [DIR]", "check a district pack", runPack},
		{"config", "[options]", "print every option, its value and where it comes from", runConfig},
		{"version", "", "print the version", runVersion},
	}
}

// errUsage ends the program with code 2 after its text was printed.
var errUsage = errors.New("usage")

// errFailed ends the program with code 1 after the reason was printed.
var errFailed = errors.New("failed")

func main() {
	if os.Getenv("GOGC") == "" {
		// Half the collections for some tens of megabytes: requests are short-lived.
		debug.SetGCPercent(200)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.Is(err, errFailed):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "weixiao:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:], out)
			}
		}
	}
	if len(args) > 0 && args[0] != "help" && args[0] != "-h" && args[0] != "--help" {
		fmt.Fprintf(os.Stderr, "weixiao: no command %q\n", args[0])
		usage(os.Stderr)
		return errUsage
	}
	usage(out)
	return nil
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "weixiao answers a district's people: report, dispatch, whistle, reply, rate.\n\ncommands:")
	for _, c := range commands() {
		fmt.Fprintf(w, "  weixiao %s %s\n      %s\n", c.name, c.args, c.help)
	}
	fmt.Fprintln(w, "\nOptions of a command: weixiao COMMAND --help. The same options can stand in weixiao.toml\nor in WEIXIAO_… variables; weixiao config lists them.")
}
