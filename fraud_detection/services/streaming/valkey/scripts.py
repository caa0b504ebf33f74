"""What must happen in one step at the server.

Reading asks for the lease in the same step: a member that was held up past its lease reads nothing any more.
Each answers {0} when the lease is another's, else {1, ...}.
"""

# KEYS lease, stream; ARGV member, lease in ms, group, count -> {1, entries}
READ = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return {0} end
redis.call('pexpire', KEYS[1], ARGV[2])
local got = redis.call('xreadgroup', 'GROUP', ARGV[3], ARGV[1], 'COUNT', ARGV[4], 'STREAMS', KEYS[2], '>')
return {1, got and got[1][2] or {}}
"""

# What members that are gone left unsettled, oldest first, with the times each was given out (XAUTOCLAIM does
# not tell those). One that ended several consumers comes alone, so that it cannot take others with it.
# KEYS lease, stream; ARGV member, lease in ms, group, count, suspicious -> {1, entries, deliveries, left}
CLAIM = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return {0} end
redis.call('pexpire', KEYS[1], ARGV[2])
local waiting = redis.call('xpending', KEYS[2], ARGV[3], '-', '+', ARGV[4])
local ids, times = {}, {}
for _, entry in ipairs(waiting) do
  local suspicious = entry[4] >= tonumber(ARGV[5])
  if suspicious and #ids > 0 then break end
  ids[#ids + 1] = entry[1]
  times[#times + 1] = {entry[1], entry[4]}
  if suspicious then break end
end
if #ids == 0 then return {1, {}, {}, 0} end
local got = redis.call('xclaim', KEYS[2], ARGV[3], ARGV[1], 0, unpack(ids))
return {1, got, times, #waiting}
"""

# KEYS lease; ARGV member, lease in ms -> 1 when it is ours
RENEW = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""

# KEYS lease; ARGV member
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
