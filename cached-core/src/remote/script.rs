//! The Lua scripts of the protocol: each but one names one key, so that it runs on a cluster and over REST. One that is sent
//! again, because its answer was lost, answers as it did before, or as if only the second had run.

use super::transport::Command;

/// Stores an entry in place of our lease. `ARGV`: lease, entry, lifetime in ms.
pub(super) const FILL: &str = "local v=redis.call('GET',KEYS[1]) if v==ARGV[1] then \
     redis.call('SET',KEYS[1],ARGV[2],'PX',ARGV[3]) return 1 end \
     if v==ARGV[2] then return 1 end return 0";

/// Removes our lease. `ARGV`: lease.
pub(super) const RELEASE: &str =
    "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

/// Lua: bytes as hexadecimal digits, as the start of what is no text is sent where only text can be.
macro_rules! hex {
    () => {
        "local function hex(s) \
         return (string.gsub(s,'.',function(c) return string.format('%02x',string.byte(c)) end)) end "
    };
}

/// Lua: whether given bytes stand at the key; nothing is as long as what is empty. `ARGV`: their start (64 bytes at most), their length.
macro_rules! stands {
    () => {
        concat!(
            hex!(),
            "local function stands() \
             local n=redis.call('STRLEN',KEYS[1]) \
             if n~=tonumber(ARGV[2]) or n==0 and redis.call('EXISTS',KEYS[1])==0 then return false end \
             local h=redis.call('GETRANGE',KEYS[1],0,63) return h==ARGV[1] or hex(h)==ARGV[1] end "
        )
    };
}

/// Puts a lease, or a newer entry, in place of given bytes. `ARGV`: their start (64 bytes at most), their length, what
/// replaces them, its life in ms.
pub(super) const REPLACE: &str = concat!(
    stands!(),
    "if stands() then redis.call('SET',KEYS[1],ARGV[3],'PX',ARGV[4]) return 1 end \
     if redis.call('GETRANGE',KEYS[1],0,#ARGV[3]-1)==ARGV[3] then return 1 end return 0"
);

/// Removes given bytes. `ARGV`: their start (64 bytes at most), their length.
pub(super) const REMOVE: &str =
    concat!(stands!(), "if stands() then return redis.call('DEL',KEYS[1]) end return 0");

/// `SET NX GET PX` for servers that refuse the pair. `ARGV`: value, lifetime in ms.
pub(super) const SET_IF_ABSENT: &str = "local v=redis.call('GET',KEYS[1]) if v then return v end \
     redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2]) return false";

/// The generation at a key, where none is a new one: with the server's time in it, it is another whenever that runs. `ARGV`:
/// what no other command brings, lifetime in ms.
pub(super) const GENERATE: &str = "local v=redis.call('GET',KEYS[1]) if v then return v end \
     local t=redis.call('TIME') v=ARGV[1]..'.'..t[1]..'.'..t[2] \
     redis.call('SET',KEYS[1],v,'PX',ARGV[2]) return v";

/// Whatever stands at a key; where nothing does, or given bytes, a new lease. With the server's time in it, it is another
/// whenever that runs. `ARGV`: what stands before the time and behind it, lifetime in ms, the start of given bytes (64 at most),
/// their length.
pub(super) const LEASE: &str = concat!(
    hex!(),
    "local v=redis.call('GET',KEYS[1]) \
     if v and ARGV[5] and #v==tonumber(ARGV[5]) then local h=string.sub(v,1,64) \
     if h==ARGV[4] or hex(h)==ARGV[4] then v=false end end if v then return v end \
     local t=redis.call('TIME') v=string.format('%08x',(t[1]*1000000+t[2])%4294967296) \
     v=ARGV[1]..v..ARGV[2] redis.call('SET',KEYS[1],v,'PX',ARGV[3]) return v"
);

/// Sets each of many keys that is absent, on one server: first some that are entries, behind them generations. Where none is
/// absent that takes a command for either. A replica and a full server refuse it as a whole: with the first line a script is one
/// that writes (Redis 7.0). `ARGV`: how many entries, lease, its life in ms, generation, its life in ms.
pub(super) const TAKE: &str = "#!lua\n\
     local function put(a,b,v,ms) \
     if a>b or redis.call('EXISTS',unpack(KEYS,a,b))>b-a then return end \
     if a==b then redis.call('SET',KEYS[a],v,'PX',ms) return end \
     local m=math.floor((a+b)/2) put(a,m,v,ms) put(m+1,b,v,ms) end \
     local n=tonumber(ARGV[1]) put(1,n,ARGV[2],ARGV[3]) put(n+1,#KEYS,ARGV[4],ARGV[5]) return 1";

/// Begins a stream with its first message, unless there is one. `ARGV`: the message.
pub(super) const BEGIN: &str = "local s=redis.pcall('XINFO','STREAM',KEYS[1]) \
     if type(s)=='table' and not s.err then return false end \
     return redis.call('XADD',KEYS[1],'*','m',ARGV[1])";

/// Puts a mark among others, or only renews it; those that have ended go. `ARGV`: mark, life in ms, whether to put it
/// (`1`, `0`). Whether it stood.
pub(super) const RAISE: &str = "local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000) \
     redis.call('ZREMRANGEBYSCORE',KEYS[1],'-inf',now) local v=redis.call('ZSCORE',KEYS[1],ARGV[1]) \
     if not v and ARGV[3]=='0' then return 0 end \
     redis.call('ZADD',KEYS[1],now+ARGV[2],ARGV[1]) \
     redis.call('PEXPIREAT',KEYS[1],redis.call('ZRANGE',KEYS[1],-1,-1,'WITHSCORES')[2]) \
     if v then return 1 end return 0";

/// Puts on record how far a listener has got, and until when that holds by the server's clock. A record that was lost as a
/// whole says since when it is kept again. `ARGV`: listener, position, life in ms.
pub(super) const HEARD: &str = "local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000) \
     if redis.call('EXISTS',KEYS[1])==0 then redis.call('HSET',KEYS[1],'since',string.format('%.0f',now)) end \
     redis.call('HSET',KEYS[1],ARGV[1],string.format('%.0f',now+ARGV[3])..' '..ARGV[2]) \
     redis.call('PEXPIRE',KEYS[1],string.format('%.0f',10*ARGV[3])) return 1";

/// The positions of the listeners on record but one; nil while the record is younger than a life, since some may not be in it
/// yet. `ARGV`: listener, life in ms.
pub(super) const LISTENERS: &str = "local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000) \
     local since=redis.call('HGET',KEYS[1],'since') \
     if not since or now<since+ARGV[2] then return false end \
     local at={} local all=redis.call('HGETALL',KEYS[1]) \
     for i=1,#all,2 do local ends,position=string.match(all[i+1],'^(%d+) (.+)$') \
     if ends and tonumber(ends)<now then redis.call('HDEL',KEYS[1],all[i]) \
     elseif ends and all[i]~=ARGV[1] then at[#at+1]=position end end return at";

/// A call of a script on one key. Redis caches a script by its text's digest, so it is compiled once.
pub(super) fn call(script: &str, key: &str) -> Command {
    Command::new("EVAL").arg(script).num(1).arg(key)
}

/// Puts a lease, or a newer entry, in place of bytes that begin like this and are so long.
pub(super) fn replace(key: &str, head: &[u8], length: u64, with: &[u8], life_ms: u64) -> Command {
    call(REPLACE, key).arg(head).num(length).arg(with).num(life_ms)
}

/// Removes bytes that begin like this and are so long.
pub(super) fn remove(key: &str, head: &[u8], length: u64) -> Command {
    call(REMOVE, key).arg(head).num(length)
}
