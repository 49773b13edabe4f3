/* The numbers of the messages, made from messages.def. Include messages.h, not this. */
#ifndef ARENA_MESSAGES_ENUM_H
#define ARENA_MESSAGES_ENUM_H

enum msg_type {
#define REC(rec, doc)
#define STR(name, doc)
#define INT(name, dflt, doc)
#define NUM(name, dflt, doc)
#define BOOL(name, dflt, doc)
#define STRS(name, doc)
#define LIST(rec, name, doc)
#define REC_END(rec)
#define MSG(number, NAME, kind, rec, answer, doc) MSG_##NAME = number,
#include "messages.def"
#undef REC
#undef STR
#undef INT
#undef NUM
#undef BOOL
#undef STRS
#undef LIST
#undef REC_END
#undef MSG
};

#endif
