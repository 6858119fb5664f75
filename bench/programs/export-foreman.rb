# Units of Ruby's foreman by its own exporter, for cases on stdin: [{name, cwd, command, env, out}]. What it refuses gets none.
require "json"
require "foreman/engine"
require "foreman/export"

class Quiet < Foreman::Engine
  def startup; end
  def output(name, data); end
  def shutdown; end
end

JSON.parse(STDIN.read).each do |one|
  engine = Quiet.new(root: one["cwd"], formation: "web=1")
  engine.register("web", one["command"], cwd: one["cwd"])
  one["env"].each { |name, value| engine.env[name] = value }
  options = {app: one["name"], user: "root", log: "/var/log"}
  begin
    Foreman::Export.formatter("systemd").new(one["out"], engine, options).export
  rescue Foreman::Export::Exception => error
    warn "#{one["name"]}: #{error.message}"
  end
end
