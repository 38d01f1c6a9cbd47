-- Whoever logs in is looked up by lower(email), so an address that differs in case alone is the same one. Where two accounts
-- have such addresses already, this fails and names one of them: change it, and migrate again.

CREATE UNIQUE INDEX users_email_without_case ON users (lower(email));
ALTER TABLE users DROP CONSTRAINT users_email_key;
