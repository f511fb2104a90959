/**
 * A stand-in for Grafana's program, in Perl that every Debian has: it reads the config and secrets that the real one
 * reads, keeps the first admin password it was started with (as Grafana's database does), and answers the part of the
 * API that cloudops uses. Dashboards live in memory. Its data source is the provisioned one, read at its start: the
 * health check asks Prometheus with the login that stands there. By HTTPS a few lines of Python stand before it, with
 * the certificate and key that the config names.
 */
export const standInGrafana = String.raw`#!/usr/bin/perl
use strict; use IO::Socket::INET; $SIG{TERM} = sub { exit 0 };
my ($config) = map { /^--config=(.*)/ } @ARGV;
sub slurp { open my $f, '<', $_[0] or die "$_[0]: $!"; local $/; my $t = <$f>; $t }
sub spill { open my $f, '>', $_[0] or die "$_[0]: $!"; print $f $_[1]; close $f }
my $ini = slurp($config);
my ($port) = $ini =~ /^http_port = (\d+)/m;
my ($data) = $ini =~ /^data = (\S+)/m;
my ($file) = $ini =~ /^admin_password = \$__file\{(.*?)\}/m;
for ($ini =~ /\$__file\{(.*?)\}/g) { length(slurp($_)) > 20 or die "$_ is short" }
spill("$data/password", slurp($file)) unless -s "$data/password";
my ($provisioning) = $ini =~ /^provisioning = (\S+)/m;
my $source = slurp("$provisioning/datasources/prometheus.yaml");
my ($where) = $source =~ m{url: http://([\d.:]+)};
my ($login, $secret) = $source =~ /basicAuthUser: (\S+)[^\0]*basicAuthPassword: \$__file\{(.*?)\}/;
my $credentials = $login ? basic("$login:" . slurp($secret)) : '';
sub source { my $s = IO::Socket::INET->new(PeerAddr => $where, Timeout => 5) or return 0;
  print $s "GET /api/v1/query?query=1 HTTP/1.0\r\n", ($credentials ? "Authorization: Basic $credentials\r\n" : ''), "\r\n";
  my $line = <$s>; $line =~ m{^HTTP/1\.\d (\d+)}; $1 }
my (%folders, %boards);
use constant PROXY => <<'PYTHON';
import _signal, socket, ssl, sys, threading
_signal.signal(_signal.SIGTERM, lambda *_: sys.exit(0))
port, cert, key, back = sys.argv[1:]
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(cert, key)
listener = socket.create_server(('', int(port)), backlog=50)
def serve(raw):
    try:
        with tls.wrap_socket(raw, server_side=True) as client, socket.create_connection(('127.0.0.1', int(back))) as grafana:
            head = b''
            while b'\r\n\r\n' not in head:
                more = client.recv(65536)
                if not more: return
                head += more
            length = [int(l.split(b':')[1]) for l in head.split(b'\r\n\r\n')[0].split(b'\r\n') if l.lower().startswith(b'content-length:')]
            missing = (length[0] if length else 0) - len(head.split(b'\r\n\r\n', 1)[1])
            grafana.sendall(head)
            while missing > 0:
                more = client.recv(65536)
                missing -= len(more)
                grafana.sendall(more)
            while True:
                more = grafana.recv(65536)
                if not more: return
                client.sendall(more)
    except OSError: pass
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
my ($https) = $ini =~ /^protocol = https/m;
my $l = IO::Socket::INET->new($https ? (LocalAddr => '127.0.0.1') : (LocalPort => $port), Listen => 50, ReuseAddr => 1) or die $!;
if ($https) {
  my ($cert) = $ini =~ /^cert_file = (\S+)/m; my ($key) = $ini =~ /^cert_key = (\S+)/m;
  if (fork) { exec 'python3', '-c', PROXY, $port, $cert, $key, $l->sockport; die "python3: $!" }
}
sub basic { my ($s) = @_; my $p = (3 - length($s) % 3) % 3; my $u = substr(pack('u', $s), 1); chomp $u;
  $u =~ s/\n.//g; $u =~ tr{\x60 -_}{AA-Za-z0-9+/}; substr($u, -$p) = '=' x $p if $p; $u }
while (my $c = $l->accept) {
  my ($method, $path) = split / /, <$c>; my %h;
  while ((my $line = <$c>) =~ /^([^:]+): *(.*?)\r?$/) { $h{lc $1} = $2 }
  my $body = ''; read $c, $body, $h{'content-length'} if $h{'content-length'};
  my ($status, $answer) = respond($method, $path, $h{authorization} || '', $body);
  print $c "HTTP/1.1 $status X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ", length $answer, "\r\n\r\n$answer"; close $c;
}
sub respond { my ($method, $path, $login, $body) = @_;
  return (200, '{"database":"ok","version":"12.4.11"}') if $path eq '/api/health';
  return (401, '{"message":"Invalid username or password"}') if $login ne 'Basic ' . basic('admin:' . slurp("$data/password"));
  if ($path eq '/api/user/password' && $body =~ /"newPassword":"([^"]+)"/) { spill("$data/password", $1); return (200, '{"message":"User password changed"}') }
  return (200, '{"id":1,"name":"Main Org."}') if $path eq '/api/org';
  if ($path =~ m{^/api/datasources/uid/prometheus/health}) { my $s = source(); return $s == 200 ? (200, '{"status":"OK","message":"fine"}') : (400, "{\"status\":\"ERROR\",\"message\":\"Prometheus answered $s\"}") }
  return (200, '[{"uid":"prometheus","name":"Prometheus","type":"prometheus","isDefault":true}]') if $path eq '/api/datasources';
  return (200, '{"uid":"prometheus","name":"Prometheus","type":"prometheus"}') if $path eq '/api/datasources/uid/prometheus';
  if ($path =~ m{^/api/folders}) {
    if ($method eq 'POST') { my ($u) = $body =~ /"uid":"([^"]+)"/; $folders{$u} = 1; return (200, $body) }
    my ($u) = $path =~ m{/([^/]+)$}; return $folders{$u} ? (200, "{\"uid\":\"$u\"}") : (404, '{"message":"folder not found"}');
  }
  if ($path eq '/api/dashboards/db' && $body =~ /^\{"dashboard":(.*),"folderUid":"([^"]*)","overwrite":/s) {
    my ($json, $folder) = ($1, $2); my ($u) = $json =~ /"uid":"(cloudops-[^"]+)"/;
    $boards{$u} = "{\"dashboard\":$json,\"meta\":{\"folderUid\":\"$folder\",\"provisioned\":false,\"version\":1}}"; return (200, '{"status":"success"}');
  }
  if ($path =~ m{^/api/dashboards/uid/([^/?]+)$}) { return $boards{$1} ? (200, $boards{$1}) : (404, '{"message":"Dashboard not found"}') }
  return (404, '{"message":"Not found"}');
}
`;
