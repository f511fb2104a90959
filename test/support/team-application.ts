import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What a version of the team's application does. */
export type Behaviour = 'serves' | 'ends at once' | 'serves nothing';

const program = String.raw`use strict; use IO::Socket::INET; $| = 1;
my ($version, $behaviour) = @ARGV;
print "version $version begins\n";
if ($behaviour eq 'ends at once') { print STDERR "no database for version $version\n"; exit 3 }
$SIG{TERM} = sub { print "told to end\n"; exit 0 };
if ($behaviour eq 'serves nothing') { print "still warming up\n"; sleep 1 while 1 }
my $l = IO::Socket::INET->new(LocalPort => 8080, Listen => 50, ReuseAddr => 1) or die "port: $!";
while (my $c = $l->accept) {
  my ($method, $path) = split / /, (<$c> // ''); while ((my $line = <$c> // '') =~ /\S/) {}
  my ($status, $type, $body) = (404, 'text/plain', "not here\n");
  ($status, $body) = (200, join '', map { "$_=" . ($ENV{$_} // '') . "\n" } qw(GREETING TOKEN)) if $path eq '/environment';
  ($status, $type, $body) = (200, 'text/plain; version=0.0.4; charset=utf-8', "team_version{version=\"$version\"} 1\n") if $path eq '/internal/metrics';
  print $c "HTTP/1.1 $status X\r\nContent-Type: $type\r\nConnection: close\r\nContent-Length: ", length $body, "\r\n\r\n$body"; close $c;
}
`;

/**
 * The image of an application that isn't ours, as `docker save` writes it: Perl out of this machine's Debian, its own
 * user, port 8080, metrics at /internal/metrics, and at /environment what it was given.
 */
export function teamApplication(reference: string, version: string, behaviour: Behaviour = 'serves'): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-team-'));
  const docker = (...args: string[]): void => void execFileSync('docker', args, { cwd: directory });
  try {
    const root = join(directory, 'root');
    const put = (path: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      cpSync(path, join(root, path), { dereference: true, recursive: true });
    };
    for (const path of ['tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, path), { recursive: true });
    put('/usr/bin/perl');
    put('/usr/lib/x86_64-linux-gnu/perl-base');
    const libraries = execFileSync('ldd', ['/usr/bin/perl'], { encoding: 'utf8' });
    for (const [, library = ''] of libraries.matchAll(/(\/\S+) \(0x/g)) put(library);
    writeFileSync(join(root, 'app.pl'), program);
    execFileSync('tar', ['-cf', 'root.tar', '-C', root, '.'], { cwd: directory });
    const entry = JSON.stringify(['/usr/bin/perl', '/app.pl', version, behaviour]);
    docker('import', '--change', `ENTRYPOINT ${entry}`, '--change', 'USER 1234:1234', 'root.tar', reference);
    docker('save', '--output', 'image.tar', reference);
    docker('rmi', reference);
    return readFileSync(join(directory, 'image.tar'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
