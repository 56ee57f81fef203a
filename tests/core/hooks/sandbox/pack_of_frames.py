"""The second half of the attack pack: what a plugin answers, sends and says to core, by its own frames too."""

from __future__ import annotations

from tests.core.hooks.sandbox.attacks import ENDED, LATE, RAISED, Attack, ends

UNCONSENTED = "ask without end for what was not consented to, and hide it"

SAID = [
    # answers
    Attack("answer with too much", "return NoApproval(reason={'en': 'x' * (4 * 2**20), 'fr': 'x'})", RAISED),
    Attack(
        "answer with too much by a frame of its own",
        "import msgspec\n"
        "plain = msgspec.msgpack.decode(bytes(frames.raw(held('x'))))\n"
        "plain['reason']['en'] = 'x' * (4 * 2**20)\n"
        "way = conversation()\n"
        "way._send(frames.Answered(max(way._tasks), msgspec.Raw(msgspec.msgpack.encode(plain))))\n"
        "await asyncio.sleep(60)",
        ends("nonsense"),
    ),
    Attack(
        "answer with far too much",
        "return [Step(key='x' * (9 * 2**20), title={'en': 'x', 'fr': 'x'}, who=Who())] * 3",
        ends("ended", "nonsense"),
    ),
    Attack("answer with what is no answer", "return {'en': 'Tremblay'}", ends("nonsense")),
    Attack("answer with what cannot be sent", "return object()", RAISED),
    Attack("answer with a number that is none", "return float('nan')", ends("nonsense")),
    Attack(
        "answer with an abyss",
        "deep = []\nfor _ in range(100000):\n    deep = [deep]\nreturn deep",
        ends("raised", "nonsense", "ended"),
    ),
    Attack("answer with itself", "loop = []\nloop.append(loop)\nreturn loop", ends("raised", "ended")),
    Attack("refuse where it may not", "raise Rejected({'en': 'No.', 'fr': 'Non.'})", RAISED),
    # frames
    Attack("send no frame", "send(b'\\xc1' * 100)\nawait asyncio.sleep(60)", ENDED),
    Attack("send no message", "send(b'\\x93\\x01\\x02\\x03')\nawait asyncio.sleep(60)", ENDED),
    Attack(
        "announce a frame without end", "conversation()._transport.write(b'\\xff' * 4)\nawait asyncio.sleep(60)", ENDED
    ),
    Attack(
        "send half a frame",
        "conversation()._transport.write(b'\\0\\0\\1\\0' + b'\\x90')\nawait asyncio.sleep(60)",
        LATE,
    ),
    Attack(
        "answer twice",
        "one = frames.pack(frames.Answered(max(conversation()._tasks), frames.raw(held('first'))))\n"
        "conversation()._transport.write(one * 2)\n"
        "await asyncio.sleep(60)",
        ends("ended", "answered"),
    ),
    Attack(
        "answer other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Answered(one, frames.raw(through('another call'))))\n"
        "return held('unheard')",
    ),
    Attack(
        "end other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Ended(one, error='forged'))\n"
        "return held('unheard')",
    ),
    Attack(
        "ask on behalf of other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Effect(one, 1, 'store.put', frames.raw(('stolen', {}))))\n"
        "return held('unheard')",
    ),
    Attack(
        "say that another plugin is loaded",
        "conversation()._send(frames.Loaded('approval_chain'))\nreturn held('unheard')",
    ),
    Attack(
        "ask for what there is not",
        "ask = ctx.store._ask\n"
        "try:\n"
        "    return through(await ask('database.execute', ('SELECT 1',), object))\n"
        "except PermissionError as error:\n"
        "    return held(error)",
    ),
    Attack(
        "ask with nonsense",
        "ask = ctx.store._ask\n"
        "try:\n"
        "    return through(await ask('store.put', ('key', 'no document'), object))\n"
        "except Exception as error:\n"
        "    return held(error)",
    ),
    Attack(
        "ask for more than can be done",
        "await asyncio.gather(*[ctx.store.get('x') for _ in range(5000)])\nreturn through('all')",
        ENDED,
    ),
    Attack(
        "write where it may only read",
        "try:\n"
        "    await ctx.store.put('key', {})\n"
        "except Exception as error:\n"
        "    return held(type(error).__name__)\n"
        "return through('a document')",
    ),
    Attack(
        "open what was not consented to",
        "try:\n"
        "    return through(await ctx.files.open(subject.id))\n"
        "except PermissionError as error:\n"
        "    return held(error)",
    ),
    Attack(
        UNCONSENTED,
        "ask, found = ctx.store._ask, 0\n"
        "for one in range(100):\n"
        "    try:\n"
        "        found = await ask('files.open', (subject.id,), object)\n"
        "    except PermissionError:\n"
        "        pass\n"
        "return through(found) if found else held('every time')",
    ),
    Attack(
        "find what is kept from it in ctx",
        "found = [name for name in ('database', 'hooks', 'people', 'agencies') if getattr(ctx, name) is not None]\n"
        "found += [one for one in (ctx.actor.name, *ctx.actor.permissions) if one]\n"
        "return through(found) if found else held('nothing')",
    ),
    Attack(
        "answer when its time is over",
        "way = conversation()\n"
        "mine = max(way._tasks)\n"
        "async def later():\n"
        "    await asyncio.sleep(0.05)\n"
        "    for _ in range(50):\n"
        "        way._send(frames.Answered(mine, frames.raw(through('too late'))))\n"
        "way.kept = asyncio.ensure_future(later())\n"
        "return held('in time')",
    ),
    Attack(
        "ask when its time is over",
        "way = conversation()\n"
        "mine = max(way._tasks)\n"
        "async def later():\n"
        "    await asyncio.sleep(0.05)\n"
        "    for number in range(500):\n"
        "        way._send(frames.Effect(mine, number, 'store.put', frames.raw(('stolen', {}))))\n"
        "        way._send(frames.Said(mine, 'info', 'too late', {}))\n"
        "way.kept = asyncio.ensure_future(later())\n"
        "return held('in time')",
    ),
    Attack(
        "end and answer all the same",
        "way = conversation()\n"
        "mine = max(way._tasks)\n"
        "way._send(frames.Ended(mine, error='forged'))\n"
        "way._send(frames.Answered(mine, frames.raw(through('after the end'))))\n"
        "await asyncio.sleep(60)",
        ends("raised", "ended"),
    ),
    Attack(
        "answer calls that are still to come",
        "way = conversation()\n"
        "for one in range(max(way._tasks) + 1, max(way._tasks) + 3000):\n"
        "    way._send(frames.Answered(one, frames.raw(through('a later call'))))\n"
        "return held('unheard')",
    ),
    Attack(
        "answer a call that nobody can have made",
        "way = conversation()\n"
        "for one in (-1, 0, 2**63 - 1):\n"
        "    way._send(frames.Answered(one, frames.raw(through('no call'))))\n"
        "return held('unheard')",
    ),
    Attack(
        "ask for many things under one number",
        "way = conversation()\n"
        "for _ in range(20):\n"
        "    way._send(frames.Effect(max(way._tasks), 1, 'store.get', frames.raw(('x',))))\n"
        "return held('one answer at most')",
    ),
    Attack(
        "ask in another service's name",
        "import dataclasses, msgspec\n"
        "from uuid import UUID\n"
        "change = dataclasses.replace if dataclasses.is_dataclass(ctx.scope) else msgspec.structs.replace\n"
        "try:\n"
        "    object.__setattr__(ctx, 'scope', change(ctx.scope, id=UUID(int=1), slug='beside'))\n"
        "except (AttributeError, TypeError) as error:\n"
        "    return held(type(error).__name__)\n"
        "found = await ctx.store.get('x')\n"
        "return through(found) if found else held('its own store')",
    ),
    Attack(
        "ask a machine for a time that is none",
        "ask = ctx.store._ask\n"
        "try:\n"
        "    sent = ('GET', 'https://example.org/', {}, b'', float('nan'), 1)\n"
        "    return through(await ask('http.send', sent, object))\n"
        "except PermissionError as error:\n"
        "    return held(error)",
    ),
    Attack(
        "ask with an abyss",
        "def dig():\n"
        "    return b'\\x91' * 100000 + b'\\xc0'\n"
        "import msgspec\n"
        "way = conversation()\n"
        "way._send(frames.Effect(max(way._tasks), 1, 'store.get', msgspec.Raw(dig())))\n"
        "await asyncio.sleep(0.05)\n"
        "return held('unread')",
        ends("answered", "ended"),
    ),
    # texts
    *(
        Attack(
            f"answer with {what}",
            "import msgspec\n"
            f"raw = bytes(frames.raw(held('abcd'))).replace(b'abcd', {instead!r})\n"
            "way = conversation()\n"
            "way._send(frames.Answered(max(way._tasks), msgspec.Raw(raw)))\n"
            "await asyncio.sleep(60)",
            ends("nonsense"),
        )
        for what, instead in (
            ("words that clear a terminal", b"\x1b[2J"),
            ("words that begin a line of a log", b"a\rbc"),
            ("words that no database takes", b"ab\0c"),
            ("words that turn what stands around them", b"\xe2\x80\xaex"),
            ("words of half a character", b"\xed\xa0\x80x"),
            ("words that are no text", b"\xff\xfe\xff\xfe"),
        )
    ),
    Attack(
        "answer with a page of HTML and a template",
        "return held('<script>alert(1)</script> {{ 7 * 7 }} {% include \"x\" %} %(plugin)s ${jndi:ldap://x}')",
    ),
    Attack(
        "break the line of its log",
        "ctx.log.info('Bad\\nroot: all is well\\x1b[2J', name='\\x1b]0;owned\\x07', deep={'a': ['<script>']})\n"
        "return held('one line')",
    ),
    Attack(
        "break the line of its error",
        "raise type('Bad\\nroot: all is well\\x1b[2J', (Exception,), {})",
        RAISED,
    ),
    Attack("make its error endless", "raise type('E' * 100000, (Exception,), {})", RAISED),
    Attack("quote a person in its error", "raise ValueError('Tremblay, Alix')", RAISED),
    Attack(
        "say of whom it knows in place of its error",
        "way = conversation()\n"
        "way._send(frames.Ended(max(way._tasks), error='Tremblay, Alix, 1970-04-01: on leave'))\n"
        "await asyncio.sleep(60)",
        ends("raised", "ended"),
    ),
    Attack("call its error as a person", "raise type('Tremblay, Alix', (Exception,), {})", RAISED),
]
