package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weixiao/internal/files"
	"weixiao/internal/store"
)

// The way of a photo from a form to a page.
func Example() {
	dir, err := os.MkdirTemp("", "files-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx, now := context.Background(), time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "weixiao.db"), store.Options{}, files.Schema)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	s, err := files.Open(filepath.Join(dir, "files"), files.Limits{}, now)
	if err != nil {
		panic(err)
	}
	defer s.Close()

	// The door reads each part of the form and can say at once what is wrong.
	_, err = s.Inspect(ctx, strings.NewReader("a text named photo.jpg"))
	fmt.Println(errors.Is(err, files.ErrNotImage))
	var upload bytes.Buffer
	if err := png.Encode(&upload, image.NewGray(image.Rect(0, 0, 2000, 1000))); err != nil {
		panic(err)
	}
	photo, err := s.Inspect(ctx, &upload)
	if err != nil {
		panic(err)
	}
	fmt.Println(photo.Width, photo.Height, photo.Place == nil)

	// Blobs first, then the rows in the transaction of the case.
	stored, err := s.Put(ctx, "220605", photo)
	if err != nil {
		panic(err)
	}
	if err := db.Write(ctx, func(tx *store.Tx) error {
		return s.Attach(tx, "220605", "case", "JY20221123-7K3Q9", stored, "", now)
	}); err != nil {
		panic(err)
	}

	// A page has checked that the case may be read; s.Serve answers for each file.
	of, err := store.Get(ctx, db, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, "220605", "case", "JY20221123-7K3Q9")
	})
	fmt.Println(len(of), of[0].Media, err)
	// Output:
	// true
	// 1600 800 true
	// 1 image/jpeg <nil>
}
