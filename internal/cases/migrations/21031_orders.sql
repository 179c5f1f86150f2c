-- +goose Up
CREATE TABLE orders (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    marks    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    level    TEXT NOT NULL,
    case_no  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    next_due BIGINT NOT NULL,
    rest     TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX orders_due ON orders (district, next_due, number) WHERE is_open = TRUE;
CREATE INDEX orders_state ON orders (district, state, next_due, number) WHERE is_open = TRUE;
CREATE INDEX orders_kind ON orders (district, kind, next_due, number) WHERE is_open = TRUE;
CREATE INDEX orders_open ON orders (district, doc) WHERE is_open = TRUE;
CREATE INDEX orders_ended ON orders (district, doc) WHERE is_open = FALSE;
CREATE INDEX orders_case ON orders (district, case_no, doc);

CREATE TABLE order_units (
    district TEXT NOT NULL,
    unit     TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    next_due BIGINT NOT NULL,
    PRIMARY KEY (district, unit, number)
);
CREATE INDEX order_units_due ON order_units (district, unit, is_open, next_due, number);
CREATE INDEX order_units_doc ON order_units (district, unit, is_open, doc);
CREATE INDEX order_units_number ON order_units (district, number);
