package layers

import (
	"bytes"
	"errors"

	"weixiao/internal/files"
	"weixiao/internal/geo"
)

// MaxUpload is the size of a file that is taken in, in bytes.
const MaxUpload = 64 << 20

// Read reads a file as people bring it: GeoJSON, or a shapefile in a zip archive, told by its content. Words for its errors are under
// ReadProblem.
func Read(b []byte, fields geo.Fields) (*geo.Source, error) {
	if len(b) > MaxUpload {
		return nil, geo.ErrTooLarge
	}
	if !bytes.HasPrefix(b, []byte("PK")) {
		return geo.ParseGeoJSON(bytes.NewReader(bytes.TrimPrefix(b, []byte("\uFEFF"))), fields)
	}
	r := bytes.NewReader(b)
	if err := files.CheckZip(r, int64(len(b))); err != nil {
		return nil, err
	}
	return geo.ParseShapefile(r, int64(len(b)), fields)
}

// ReadProblem is the message key that says why Read refused a file, "" for an error that is not about the file.
func ReadProblem(err error) string {
	for _, k := range []struct {
		err error
		key string
	}{
		{geo.ErrTooLarge, "large"}, {geo.ErrShapeParts, "parts"}, {geo.ErrShapeBroken, "broken"}, {geo.ErrShapeKind, "kind"}, {geo.ErrProjected, "projected"},
		{files.ErrNotZip, "zip"}, {files.ErrZipBomb, "zip"}, {files.ErrZipName, "zip"}, {geo.ErrLayer, "json"},
	} {
		if errors.Is(err, k.err) {
			return "layers.read." + k.key
		}
	}
	return ""
}
