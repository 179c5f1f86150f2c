package files

import (
	"encoding/hex"
	"mime"
	"net/http"
	"time"

	"weixiao/internal/store"
)

// Serve writes a file, or its thumbnail, as the answer to a request.
//
// IT DOES NOT ASK WHO IS ASKING. The caller has loaded f with Get and has checked
// that the record in f.SubjectKind and f.Subject may be read by this person; there
// is no other protection. That is why Serve takes the row and not an id.
//
// Photos, which we made ourselves, may be shown in a page; everything else is a
// download. Either way a browser is told not to guess the type and to run nothing.
// Ranges and If-None-Match are answered. Errors come before anything is written:
// store.ErrNotFound (no thumbnail), ErrMissing (the blob is gone).
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, f File, thumb bool) error {
	sum := f.SHA256
	if thumb {
		sum = f.ThumbSHA256
	}
	if len(sum) == 0 || !safeKey(f.District) || !safeKey(f.ID) {
		return store.ErrNotFound
	}
	b, err := s.root.Open(blobPath(f.District, f.ID, thumb))
	if err != nil {
		return diskError(err)
	}
	defer b.Close()
	disposition := "attachment"
	if f.Kind == KindPhoto {
		disposition = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.Media)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=300, must-revalidate")
	h.Set("ETag", `"`+hex.EncodeToString(sum)+`"`)
	http.ServeContent(w, r, "", time.UnixMicro(f.Created), b)
	return nil
}
