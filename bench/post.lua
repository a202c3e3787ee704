-- wrk: post one body again and again, each time with the next token and a hookInstance of its own.
--   BODY         path of the body, with the placeholder as its hookInstance
--   PLACEHOLDER  what to replace there
--   TOKENS       path of a file of bearer tokens, one a line
--   FIRST        number of the first hookInstance
-- When the tokens are used up it begins anew. Its last line is one JSON object; times in microseconds.

local function contents(name)
  local file = assert(io.open(os.getenv(name), "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local body = contents("BODY")
local from, to = body:find(os.getenv("PLACEHOLDER"), 1, true)
local before, after = body:sub(1, from - 1), body:sub(to + 1)
local first, sent = tonumber(os.getenv("FIRST")), 0

local tokens = {}
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = "Bearer " .. line end

function request()
  sent = sent + 1
  local instance = string.format("00000000-0000-4000-8000-%012x", first + sent)
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = tokens[(sent - 1) % #tokens + 1] }
  return wrk.format("POST", nil, headers, before .. instance .. after)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d,"max":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
