-- Amendments: an approved commitment is changed through a request of its own. Until that is approved the commitment
-- stays what it was; it knows which amendment waits, so that nothing else is decided beside it.

-- What an amendment says, and what it was to take the place of when it was proposed: both whole, each as the columns of
-- a commitment and its lines of tax have it, less the comments, which people write freely. Never changed.
CREATE TABLE amendments (
    tenant_id         int NOT NULL,
    request_id        int NOT NULL,
    purchase_id       int NOT NULL,
    commitment_id     int NOT NULL,
    proposed          jsonb NOT NULL,
    replaced          jsonb NOT NULL,
    proposed_comment  text,
    replaced_comment  text,
    attachment_ids    int[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, request_id),
    CONSTRAINT amendments_request_exists FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
    CONSTRAINT amendments_commitment_exists
        FOREIGN KEY (tenant_id, purchase_id, commitment_id)
        REFERENCES commitments (tenant_id, purchase_id, commitment_id)
);
CREATE INDEX amendments_by_commitment ON amendments (tenant_id, purchase_id, commitment_id);

ALTER TABLE commitments
    ADD COLUMN amendment_id int,
    ADD CONSTRAINT commitments_amendment_exists FOREIGN KEY (tenant_id, amendment_id) REFERENCES amendments,
    ADD CONSTRAINT commitments_amendment_whole CHECK (amendment_id IS NULL OR state = 'Provisioned');
CREATE UNIQUE INDEX requests_one_pending_amendment ON requests (tenant_id, commitment_id)
    WHERE kind = 'Amendment' AND state = 'Pending';
