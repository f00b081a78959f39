-- What a request remembers of the policy that it started with: its rule, what each step demands, why each is asked.

-- `states_hash`: each decision must state the content hash that it is made on.
ALTER TABLE requests
    ADD COLUMN rule text,
    ADD COLUMN states_hash boolean NOT NULL DEFAULT false;

-- A request that begins anew gets a further round of steps, numbered on: none is changed or removed.
-- `left_out` lists who was named and is not asked, and for what cause; `because` says why somebody is asked.
ALTER TABLE request_steps
    ADD COLUMN round int NOT NULL DEFAULT 1,
    ADD COLUMN distinct_people boolean NOT NULL DEFAULT false,
    ADD COLUMN one_denial_denies boolean NOT NULL DEFAULT true,
    ADD COLUMN own_too boolean NOT NULL DEFAULT false,
    ADD COLUMN left_out jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT request_steps_round_positive CHECK (round > 0);
ALTER TABLE request_approvers ADD COLUMN because jsonb;
