-- The books of one connection, step for step as in books.rs; times are whole microseconds of Redis' own clock.
-- KEYS[1]: what is reserved and learnt, as fields. KEYS[2]: who is at work, as "under_way:hungry_since:until".
-- ARGV[1]: what is said and wanted, as JSON. Answers the number of processes at work, then a number for
-- each want: 0 and more, its turn comes in so long; -1, no place; less, to be asked for in -2 - n.
local ask = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local kept, changed = {}, {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  kept[fields[i]] = tonumber(fields[i + 1])
end
local function put(field, value)
  kept[field] = value
  changed[field] = value
end

local function current(field, most)
  local value = kept[field]
  if not value then
    return most
  end
  return math.min(most, value + most * ask.rise * (now - kept[field .. '@']) / 1000000)
end
local function halve(field, most, least, age)
  local at = kept[field .. '@']
  if not at or at <= now - math.max(age, ask.one_complaint) then
    put(field, math.max(least, current(field, most) / 2))
    put(field .. '@', now)
  end
end

for _, complaint in ipairs(ask.complaints) do
  if complaint.about == 'rate' then
    halve('rate', ask.rate, ask.slowest, complaint.age)
  elseif complaint.about == 'places' then
    halve('places', ask.places, 1, complaint.age)
  else
    halve('rate ' .. complaint.endpoint, complaint.felt, ask.slowest, complaint.age)
  end
end

local interval = 1000000 / current('rate', ask.rate)
local next_turn = math.max(kept['next'] or 0, now - ask.catch_up)
if ask.out_of_turn > 0 then
  local pushed = math.min(next_turn + interval * ask.out_of_turn, now + ask.most_out_of_turn)
  next_turn = math.max(next_turn, pushed)
end

-- The places: those of others, and whether this process waits longest for one.
local taken, at_work, others, is_first, mine = 0, 1, 0, true, nil
local hungry = {}
local work = redis.call('HGETALL', KEYS[2])
for i = 1, #work, 2 do
  local under_way, since, lease = string.match(work[i + 1], '^(%d+):(%d+):(%d+)$')
  since = tonumber(since)
  if tonumber(lease) <= now then
    redis.call('HDEL', KEYS[2], work[i])
  elseif work[i] == ask.process then
    mine = since > 0 and since or nil
  else
    taken = taken + tonumber(under_way)
    others = others + 1
    at_work = at_work + 1
    if since > 0 then
      hungry[#hungry + 1] = since
    end
  end
end
for _, since in ipairs(hungry) do
  is_first = is_first and mine ~= nil and mine <= since
end
local width = math.floor(math.max(1, current('places', ask.places)))
local fair = math.floor(width / at_work)
local share = is_first and width or fair
local free = math.min(width - taken - ask.under_way, share - ask.under_way)

local answer = { others + 1 }
local given, is_full, ahead = 0, false, ask.first_ahead
for _, want in ipairs(ask.wants) do
  local field = 'next ' .. want.endpoint
  local endpoint_next = math.max(kept[field] or 0, now - ask.endpoint_catch_up)
  local earliest = math.max(next_turn, now)
  local reply
  if want.waits_for_place and free <= 0 then
    is_full = true
    reply = -1
  elseif next_turn > now + ahead then
    reply = -2 - (next_turn - now - ahead)
  elseif endpoint_next > earliest + ask.ahead then
    reply = -2 - (endpoint_next - now - ask.ahead)
  else
    local learnt = current('rate ' .. want.endpoint, want.felt)
    local rate = learnt < want.felt and learnt or want.most
    put(field, endpoint_next + 1000000 / rate)
    next_turn = next_turn + interval
    reply = math.max(earliest, endpoint_next) - now
    given, free, ahead = given + 1, free - 1, ask.ahead
  end
  answer[#answer + 1] = reply
end

put('next', next_turn)
local written = {}
for field, value in pairs(changed) do
  written[#written + 1] = field
  written[#written + 1] = string.format('%.3f', value)
end
redis.call('HSET', KEYS[1], unpack(written))
redis.call('PEXPIRE', KEYS[1], ask.forgotten)

local under_way = ask.under_way + given
-- Whoever has its fair share may want more, but need not be waited for.
local is_hungry = is_full and (under_way == 0 or under_way < fair)
if under_way == 0 and not is_hungry then
  redis.call('HDEL', KEYS[2], ask.process)
else
  local since = is_hungry and (given == 0 and mine or now) or 0
  local line = string.format('%.0f:%.0f:%.0f', under_way, since, now + ask.lease)
  redis.call('HSET', KEYS[2], ask.process, line)
  redis.call('PEXPIRE', KEYS[2], ask.forgotten)
end
return answer
