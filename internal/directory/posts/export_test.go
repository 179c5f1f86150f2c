package posts

import "context"

// Tell is one look at vacancies of a program that has just started.
func Tell(ctx context.Context, p *Posts) error {
	if err := p.Refresh(ctx); err != nil {
		return err
	}
	return p.tell(ctx, &told{})
}
