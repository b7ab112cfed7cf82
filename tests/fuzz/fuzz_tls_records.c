/* SPDX-License-Identifier: MIT */
/*
 * Records of all kinds after a handshake as it should be. The client gets the replies that it would
 * get without TLS to the data that came before it broke the protocol, and then the end; and it is
 * told of the end when it did not.
 *
 * After the line of options, whose cuts are those of the records' bytes, comes one that says which
 * records there are. A letter of the table below stands for what it says, and any other character
 * for a record with a part of what is left of the input: as many bytes as it would stand for in the
 * line of options. Behind that, what is left is one record of data.
 *
 *     k K   KeyUpdate, asking for one in return or not: k does not
 *     e     no data           c   close_notify
 *     w     user_canceled     a   a fatal alert
 *     t     of the type, and with the content, of the next bytes
 *     r     no record but the next bytes as they are
 *     x     the next record has a bit flipped, chosen by the character that follows
 */
#include "common/tls.h"
#include "server/input.h"
#include "tests/fuzz/guest.h"
#include "tests/fuzz/tls_peer.h"

#include <string.h>

enum {
    TOGETHER_MODE = 1, /* the first records come along with the end of the handshake */
    PADDED_MODE = 2,
    SMALL_READS_MODE = 4,
    EARLY_MODE = 8,
    SMALL_READ = 64,
    PADDING = 100,
    LENGTH_AT = 3,       /* in a record */
    ODD_BYTES = 8,       /* of t and r */
    LARGEST = 16 * 1000, /* of a record's data; 16 KiB with the padding */
    /* Of records without data in a row: what every library bears, and what crew does not. */
    FEW_WARNINGS = 4,
    FEW_SILENT = 32,
    MANY_SILENT = 65,
};

struct client {
    struct tls_peer *peer;
    struct guest guest;
    struct byte_buffer bytes; /* to be sent */
    crew_slice rest;          /* of the input, not in a record yet */
    struct byte_buffer data;  /* in records */
    size_t certain;           /* so much of the data comes before anything is odd */
    size_t possible;          /* so much may be taken, since what is before it may be */
    bool is_odd;              /* the server may break off */
    bool is_wild;             /* nobody knows where the next record begins, or what it means */
    bool is_over;             /* no more data can be taken */
    bool must_end;            /* the server has to break off, and need not wait for more */
    unsigned silent;          /* records without data in a row */
    unsigned warnings;        /* likewise */
    size_t padding;
};

static crew_slice take_bytes(struct client *client, size_t size)
{
    crew_slice taken = {client->rest.data, size < client->rest.size ? size : client->rest.size};
    client->rest = (crew_slice){client->rest.data + taken.size, client->rest.size - taken.size};
    return taken;
}

static void seal(struct client *client, unsigned char type, crew_slice content)
{
    tls_peer_seal(client->peer, type, content, client->padding, &client->bytes);
}

static void break_off(struct client *client)
{
    client->is_odd = true;
    client->is_over |= !client->is_wild;
    client->must_end |= !client->is_wild;
}

static void count_silent(struct client *client)
{
    client->silent++;
    client->is_odd |= client->silent >= FEW_SILENT || client->warnings >= FEW_WARNINGS;
    if (client->silent >= MANY_SILENT)
        break_off(client);
}

static void add_data(struct client *client, crew_slice content)
{
    seal(client, TLS_CONTENT_DATA, content);
    byte_buffer_append(&client->data, content.data, content.size);
    client->certain = client->is_odd || client->is_over ? client->certain : client->data.size;
    client->possible = client->is_over ? client->possible : client->data.size;
    client->silent = 0;
    client->warnings = 0;
}

static void add_key_update(struct client *client, bool asks)
{
    const char message[] = {24, 0, 0, 1, asks ? 1 : 0}; /* RFC 8446, 4.6.3 */
    seal(client, TLS_CONTENT_HANDSHAKE, (crew_slice){message, sizeof(message)});
    tls_peer_update_key(client->peer);
    count_silent(client);
}

static void add_alert(struct client *client, char level, char description)
{
    const char message[] = {level, description}; /* RFC 8446, 6 */
    seal(client, TLS_CONTENT_ALERT, (crew_slice){message, sizeof(message)});
}

static void add_typed(struct client *client)
{
    crew_slice bytes = take_bytes(client, 1 + ODD_BYTES);
    if (bytes.size == 0)
        return;
    crew_slice content = {bytes.data + 1, bytes.size - 1};
    if (bytes.data[0] == TLS_CONTENT_DATA) {
        add_data(client, content);
        return;
    }
    seal(client, (unsigned char)bytes.data[0], content);
    client->is_odd = client->is_wild = true;
}

static void add_raw(struct client *client)
{
    crew_slice bytes = take_bytes(client, ODD_BYTES);
    byte_buffer_append(&client->bytes, bytes.data, bytes.size);
    client->is_wild |= bytes.size > 0;
    client->is_odd |= client->is_wild;
}

static void add_record(struct client *client, char kind)
{
    struct fuzz_stream part = {.cuts = {&kind, 1}, .bytes = client->rest};
    if (part.bytes.size > LARGEST)
        part.bytes.size = LARGEST;
    switch (kind) {
    case 'k':
    case 'K':
        add_key_update(client, kind == 'K');
        break;
    case 'e':
        seal(client, TLS_CONTENT_DATA, (crew_slice){NULL, 0});
        count_silent(client);
        break;
    case 'w':
        client->warnings++;
        add_alert(client, 1, 90);
        count_silent(client);
        break;
    case 'a':
    case 'c':
        add_alert(client, kind == 'a' ? 2 : 1, kind == 'a' ? 80 : 0);
        break_off(client);
        break;
    case 't':
        add_typed(client);
        break;
    case 'r':
        add_raw(client);
        break;
    default:
        if (client->rest.size > 0)
            add_data(client, take_bytes(client, fuzz_stream_cut(&part, 0, 0)));
    }
}

/* Whatever the record would have been, it is none; but one that pretends to be longer is not whole.
 */
static void add_flipped(struct client *client, char kind, unsigned char where)
{
    size_t start = client->bytes.size;
    bool was_over = client->is_over;
    client->is_over = !client->is_wild;
    add_record(client, kind);
    size_t size = client->bytes.size - start;
    client->is_over = (client->is_over && size > 0 && !client->is_wild) || was_over;
    if (size == 0)
        return;
    size_t at = where % size;
    client->bytes.bytes[start + at] ^= (char)(1 << where % 8);
    client->is_odd = true;
    client->must_end |= !client->is_wild && at != LENGTH_AT && at != LENGTH_AT + 1;
}

static void add_records(struct client *client, crew_slice kinds)
{
    for (size_t i = 0; i < kinds.size; i++) {
        if (kinds.data[i] == 'x' && i + 2 < kinds.size) {
            add_flipped(client, kinds.data[i + 2], (unsigned char)kinds.data[i + 1]);
            i += 2;
        } else {
            add_record(client, kinds.data[i]);
        }
    }
    while (client->rest.size > 0)
        add_record(client, '0');
    FUZZ_REQUIRE(!client->bytes.failed && !client->data.failed);
}

/* How much of what the server sent belongs to the handshake. */
static size_t agree(struct client *client, bool together)
{
    size_t taken = 0;
    bool done = false;
    while (!done) {
        done = tls_peer_handshake(client->peer, guest_replies_from(&client->guest, taken),
                                  &client->bytes);
        taken = client->guest.replies.size;
        if (done && together)
            break;
        FUZZ_REQUIRE(done || client->bytes.size > 0);
        guest_send(&client->guest, client->bytes.bytes, client->bytes.size);
        guest_settle(&client->guest);
        byte_buffer_truncate(&client->bytes, 0);
    }
    return taken;
}

/* How much the server had sent before it was told that no more would come. */
static size_t send_records(struct client *client, const struct fuzz_stream *stream, bool early_end)
{
    struct fuzz_stream records = {.cuts = stream->cuts,
                                  .bytes = {client->bytes.bytes, client->bytes.size}};
    size_t end = 0;
    client->guest.may_be_reset = client->is_odd;
    for (size_t number = 0; end < records.bytes.size; number++) {
        size_t start = end;
        end = fuzz_stream_cut(&records, number, start);
        guest_send(&client->guest, records.bytes.data + start, end - start);
        if (!early_end || end < records.bytes.size)
            guest_settle(&client->guest);
    }
    size_t answered = client->guest.replies.size;
    FUZZ_REQUIRE(client->guest.ended || early_end || !client->must_end);
    FUZZ_REQUIRE(!client->guest.ended || !served_holds_memory());
    guest_leave(&client->guest);
    return early_end ? client->guest.replies.size : answered;
}

/* What came lies between the replies to what is certain and those to all that is possible. */
static void check_data(const struct client *client, struct serving serving, crew_slice came)
{
    struct fuzz_stream certain = {.bytes = {client->data.bytes, client->certain}};
    struct fuzz_stream possible = {.bytes = {client->data.bytes, client->possible}};
    struct guest least;
    struct guest most;
    serving.read_bytes = INPUT_SIZE;
    guest_stay(&serving, ENDPOINT_TCP, &certain, false, &least);
    guest_stay(&serving, ENDPOINT_TCP, &possible, false, &most);
    FUZZ_REQUIRE(most.unsteady || fuzz_begins_with(came, guest_replies(&least)));
    FUZZ_REQUIRE(most.unsteady || fuzz_begins_with(guest_replies(&most), came));
    guest_free(&least);
    guest_free(&most);
}

static void check_records(struct client *client, const struct fuzz_stream *stream, crew_slice kinds)
{
    struct serving serving = {.max_request_bytes = 4096,
                              .read_bytes =
                                  (stream->mode & SMALL_READS_MODE) != 0 ? SMALL_READ : INPUT_SIZE};
    struct byte_buffer data = {0};
    served_begin(&serving);
    guest_enter(&client->guest, ENDPOINT_TLS);
    size_t taken = agree(client, (stream->mode & TOGETHER_MODE) != 0);
    add_records(client, kinds);
    size_t answered = send_records(client, stream, (stream->mode & EARLY_MODE) != 0);
    served_end();
    crew_slice before = guest_replies_from(&client->guest, taken);
    before.size -= client->guest.replies.size - answered;
    (void)tls_peer_open(client->peer, before, &data);
    size_t data_before = data.size;
    bool told = tls_peer_open(client->peer, guest_replies_from(&client->guest, answered), &data);
    FUZZ_REQUIRE(data.size == data_before); /* no reply waited for the end */
    FUZZ_REQUIRE(told || client->is_odd);
    check_data(client, serving, (crew_slice){data.bytes, data.size});
    byte_buffer_free(&data);
}

void fuzz_tls_records(crew_slice input)
{
    struct fuzz_stream stream = fuzz_stream_of(input);
    struct client client = {.padding = (stream.mode & PADDED_MODE) != 0 ? PADDING : 0};
    if (!tls_is_available())
        return;
    crew_slice kinds = fuzz_take_line(&stream.bytes);
    client.rest = stream.bytes;
    client.peer = tls_peer_create();
    check_records(&client, &stream, kinds);
    tls_peer_free(client.peer);
    guest_free(&client.guest);
    byte_buffer_free(&client.bytes);
    byte_buffer_free(&client.data);
}
