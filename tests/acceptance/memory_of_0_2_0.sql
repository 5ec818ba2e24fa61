PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE seollem_schema (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT seollem_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO seollem_schema VALUES('0002');
CREATE TABLE seollem_conversations (
    id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    place TEXT NOT NULL,
    turns INTEGER NOT NULL,
    weighted_sum DOUBLE NOT NULL,
    lost DOUBLE NOT NULL,
    last_at DATETIME NOT NULL,
    CONSTRAINT pk_seollem_conversations PRIMARY KEY (id)
);
INSERT INTO seollem_conversations VALUES(1,'local:하나','terminal',2,1.5700092241431093942,0.0,'2026-12-01 04:01:38.308460');
CREATE TABLE seollem_turns (
    id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    message_id TEXT,
    source TEXT NOT NULL,
    affection DOUBLE NOT NULL,
    emotions JSON NOT NULL,
    model TEXT NOT NULL,
    at DATETIME NOT NULL, rest DOUBLE DEFAULT '0' NOT NULL,
    CONSTRAINT pk_seollem_turns PRIMARY KEY (id),
    CONSTRAINT fk_seollem_turns_conversation_id FOREIGN KEY(conversation_id) REFERENCES seollem_conversations (id) ON DELETE CASCADE
);
INSERT INTO seollem_turns VALUES(1,1,'local:하나',NULL,'message',0.53569122990647155546,'{"기대감":0.706753034315185,"아껴주는":0.5450894762867674,"행복":0.4760382342700274,"환영/호의":0.3650809217765687,"즐거움/신남":0.2757122315960044,"안심/신뢰":0.19603426868206744,"기쁨":0.18211002290347225,"감동/감탄":0.1605506037337356}','seollem-text-2','2026-12-01 04:01:37.598957',1.3071357383882082903);
INSERT INTO seollem_turns VALUES(2,1,'local:하나',NULL,'message',0.51715899711831891938,'{"행복":0.6436059527427284,"기쁨":0.5386478323067387,"아껴주는":0.39466010237095794,"안심/신뢰":0.27019106371679213,"고마움":0.26364526420987755,"즐거움/신남":0.257554096154442,"감동/감탄":0.2496958008163558,"기대감":0.20079593785918387}','seollem-text-2','2026-12-01 04:01:38.308460',1.5087715423409480131);
CREATE TABLE seollem_consents (
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    agreed_at DATETIME NOT NULL,
    CONSTRAINT pk_seollem_consents PRIMARY KEY (user_id)
);
INSERT INTO seollem_consents VALUES('local:하나',2,'2026-12-01 04:01:24.053130');
CREATE TABLE seollem_channels (
    guild_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    CONSTRAINT pk_seollem_channels PRIMARY KEY (guild_id, channel_id)
);
CREATE INDEX ix_seollem_conversations_user_id_place_id ON seollem_conversations (user_id, place, id);
CREATE INDEX ix_seollem_turns_conversation_id_id ON seollem_turns (conversation_id, id);
CREATE UNIQUE INDEX ix_seollem_turns_message_id_user_id ON seollem_turns (message_id, user_id);
COMMIT;
