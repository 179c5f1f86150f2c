package public

import (
	"errors"
	"net/http"

	"weixiao/internal/cases"
	"weixiao/internal/files"
	"weixiao/internal/store"
)

// photo serves a photo, or with ?thumb its small version, to whoever sees it on a
// page: anybody if the case is public, the resident with the cookie of the case,
// and whoever is still writing the report it belongs to. All else is not found.
func (p *pages) photo(w http.ResponseWriter, r *http.Request) error {
	id, thumb := r.PathValue("id"), r.URL.Query().Has("thumb")
	file, err := store.Get(r.Context(), p.DB, func(tx *store.Tx) (files.File, error) { return files.Get(tx, p.Pack.District, id) })
	if errors.Is(err, store.ErrNotFound) {
		d, err := p.draftOf(w, r)
		if err != nil {
			return err
		}
		if d != nil {
			if own, ok := d.photo(id); ok {
				return p.Files.Serve(w, r, own, thumb)
			}
		}
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := p.maySee(w, r, file); err != nil {
		return err
	}
	return p.Files.Serve(w, r, file, thumb)
}

// maySee reports whether a page of this package shows the photo to this browser.
func (p *pages) maySee(w http.ResponseWriter, r *http.Request, file files.File) error {
	if file.SubjectKind != cases.Table.Kind || file.Kind != files.KindPhoto {
		return store.ErrNotFound
	}
	if sc, ok := p.admitted(w, r, file.Subject); ok {
		v, err := p.Cases.View(r.Context(), sc, file.Subject)
		if err != nil {
			return err
		}
		if _, ok := p.photoMoments(v, false)[file.Created]; ok {
			return nil
		}
		return store.ErrNotFound
	}
	v, err := p.published1(r.Context(), file.Subject)
	if err != nil {
		return err
	}
	if _, ok := p.photoMoments(v, true)[file.Created]; ok {
		return nil
	}
	return store.ErrNotFound
}
