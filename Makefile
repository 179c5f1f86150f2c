# demo and test are the two commands that matter; both work on a fresh machine
# with Go alone (test installs what it needs from Debian packages).
export CGO_ENABLED = 0

.PHONY: demo build test generate

demo: build
	./bin/weixiao demo $(ARGS)

build:
	go build -trimpath -o bin/weixiao ./cmd/weixiao

test:
	./.ci/test

# Everything generated that is committed: pages, bundles, maps.
generate:
	go run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path internal/web
	go run ./internal/web/assets/build
