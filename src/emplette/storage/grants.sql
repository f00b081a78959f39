-- What the serving role may do, said anew after every migration: it reads and writes, and neither changes nor
-- removes what happened; words of the company and papers of a purchase are never deleted.
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON events, event_texts FROM {role};
REVOKE DELETE, TRUNCATE ON tenants, users, departments, establishments, natures, cost_families, cost_centers,
    axes, axis_sections, suppliers, policies, purchases, commitments, requests, request_steps,
    request_approvers, request_decisions, orders FROM {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON migrations FROM {role};
