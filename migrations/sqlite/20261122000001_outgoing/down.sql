DROP TABLE outgoing;
DROP TABLE followers;
