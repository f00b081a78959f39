-- What happens while a request waits: since when its step is asked, of what its people were reminded, on which days the
-- company works; and up to which amount a deputy decides.

-- Since when the people of the step are asked; NULL when nobody is.
ALTER TABLE requests ADD COLUMN asked_at timestamptz;
UPDATE requests r SET asked_at = coalesce(
    (SELECT max(d.at) FROM request_decisions d
     WHERE d.tenant_id = r.tenant_id AND d.request_id = r.request_id AND d.step < r.step), r.created_at)
WHERE r.state = 'Pending' AND r.step > 0;

-- Working days after which its people are reminded, and after which it goes up.
ALTER TABLE request_steps
    ADD COLUMN remind_after int[] NOT NULL DEFAULT '{}',
    ADD COLUMN escalate_after int,
    ADD CONSTRAINT request_steps_escalates_later CHECK (escalate_after > 0),
    ADD CONSTRAINT request_steps_reminds_later CHECK (0 < ALL (remind_after));

-- Of what people were reminded: once for so many days since the step was asked, also by several servers.
CREATE TABLE request_reminders (
    tenant_id   int NOT NULL,
    request_id  int NOT NULL,
    asked_at    timestamptz NOT NULL,
    after_days  int NOT NULL,
    PRIMARY KEY (tenant_id, request_id, asked_at, after_days),
    CONSTRAINT request_reminders_request_exists FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
    CONSTRAINT request_reminders_after CHECK (after_days > 0)
);

-- On which days of the week a company works, Monday being 1; whose public holidays it keeps (a country, or a part of
-- one: FR-57), and on which days it is closed besides.
ALTER TABLE tenants
    ADD COLUMN working_weekdays int[] NOT NULL DEFAULT '{1,2,3,4,5}',
    ADD COLUMN holidays_of text,
    ADD COLUMN days_off date[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT tenants_works CHECK (working_weekdays <> '{}' AND working_weekdays <@ '{1,2,3,4,5,6,7}');
UPDATE tenants SET holidays_of = country;

-- A deputy may decide up to an amount only: the whole one, without taxes, in that currency.
ALTER TABLE absences
    ADD COLUMN most_minor bigint,
    ADD COLUMN most_currency text,
    ADD CONSTRAINT absences_most_positive CHECK (most_minor > 0),
    ADD CONSTRAINT absences_most_whole CHECK ((most_minor IS NULL) = (most_currency IS NULL));
