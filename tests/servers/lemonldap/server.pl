#!/usr/bin/perl
# LemonLDAP::NG on a free port of 127.0.0.1: server.pl ROLE FOLDER. Prints one line of JSON, then serves.
#
#   portal    the portal, an OpenID Connect provider with dynamic registration; no client credentials
#   clients   the same with two clients of the administrator, who granted them client credentials
#   gateway   a handler in front of a small API, below a portal that runs from the same FOLDER
#
# The configuration, the keys and the sessions are in FOLDER. The portal writes it, the gateway reads it.
use strict;
use warnings;

use Crypt::OpenSSL::RSA;
use HTTP::Server::PSGI;
use IO::Socket::INET;
use JSON;

my ( $role, $folder ) = @ARGV;

# The first differs between form-encoded and raw Basic. The second is a user of the demonstration, too: an account of a
# service, which the gateway takes by Basic.
my %clients = (
    batch => { id => 'orders/batch', secret => 'secret of/the orders=batch' },
    service => { id => 'dwho', secret => 'dwho' },
);

my $socket = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 64, ReuseAddr => 1
) or die "no port: $!";
my $root = 'http://127.0.0.1:' . $socket->sockport;
$ENV{LLNG_DEFAULTCONFFILE} = "$folder/lemonldap-ng.ini";

my $app = $role eq 'gateway' ? gateway() : portal();
$| = 1;
print encode_json( $app->{about} ), "\n";
HTTP::Server::PSGI->new( listen_sock => $socket, timeout => 30 )->run( $app->{run} );

sub portal {
    mkdir "$folder/$_" for qw(conf cache sessions lock psessions plock);
    my $key = Crypt::OpenSSL::RSA->generate_key(2048);
    my %made = $role eq 'clients' ? administrators_clients() : ();
    write_file( "$folder/lemonldap-ng.ini", ini() );
    write_file(
        "$folder/conf/lmConf-1.json",
        JSON->new->utf8->canonical->pretty->encode( {
            cfgNum => 1, cfgAuthor => 'tests', cfgDate => time, cfgVersion => '2.16.1',
            portal => "$root/", domain => '127.0.0.1', cookieName => 'lemonldap', securedCookie => 0, https => 0,
            key => 'a key that handlers and the portal of the tests share',
            authentication => 'Demo', userDB => 'Same', passwordDB => 'Demo', registerDB => 'Null',
            demoExportedVars => { cn => 'cn', mail => 'mail', uid => 'uid' },
            whatToTrace => '_whatToTrace', macros => { _whatToTrace => '$_user' },
            globalStorage => 'Apache::Session::File',
            globalStorageOptions => {
                Directory => "$folder/sessions", LockDirectory => "$folder/lock",
                generateModule => 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
            },
            persistentStorage => 'Apache::Session::File',
            persistentStorageOptions => { Directory => "$folder/psessions", LockDirectory => "$folder/plock" },
            localSessionStorage => '', localSessionStorageOptions => {},
            captcha => '::Main::Plugin',
            portalSkin => 'bootstrap', requireToken => 0,
             loginHistoryEnabled => 0, notification => 0,
            restSessionServer => 1, handlerInternalCache => 0,
            locationRules => { '127.0.0.1' => { default => 'accept' } },
            issuerDBOpenIDConnectActivation => 1,
            oidcServiceAllowDynamicRegistration => 1,
            oidcServicePrivateKeySig => $key->get_private_key_string,
            oidcServicePublicKeySig => $key->get_public_key_x509_string,
            oidcServiceKeyIdSig => 'tests',
            %made,
        } )
    );
    require Lemonldap::NG::Portal::Main;
    my $portal = Lemonldap::NG::Portal::Main->run( {} );
    my $about = { issuer => "$root/", login => "$root/", logout => "$root/?logout=1" };
    $about->{clients} = \%clients if %made;
    return { run => $portal, about => $about };
}

sub administrators_clients {
    my ( %options, %rules );
    for my $name ( keys %clients ) {
        $rules{$name} = { 'orders:read' => '1' };
        $options{$name} = {
            oidcRPMetaDataOptionsClientID => $clients{$name}{id},
            oidcRPMetaDataOptionsClientSecret => $clients{$name}{secret},
            oidcRPMetaDataOptionsDisplayName => $name,
            oidcRPMetaDataOptionsAllowClientCredentialsGrant => 1,
            oidcRPMetaDataOptionsAccessTokenJWT => 1,
            oidcRPMetaDataOptionsAccessTokenSignAlg => 'RS256',
            oidcRPMetaDataOptionsAccessTokenExpiration => 900,
        };
    }
    return ( oidcRPMetaDataOptions => \%options, oidcRPMetaDataScopeRules => \%rules );
}

# One API behind three locations, as with "VHOSTTYPE" in a configuration of nginx: /bearer takes access tokens,
# /basic takes a user's name and password, everything else takes the cookie of the portal.
sub gateway {
    require Lemonldap::NG::Handler::Server;
    my $handler = Lemonldap::NG::Handler::Server->run( {} );
    my %types = ( bearer => 'OAuth2', basic => 'AuthBasic' );
    my $run = sub {
        my ($env) = @_;
        my ($place) = $env->{PATH_INFO} =~ m{^/(\w+)};
        $env->{VHOSTTYPE} = $types{$place} if $types{ $place // '' };
        my $answer = $handler->($env);
        return $answer if $answer->[0] != 200;
        return [ 200, [ 'Content-Type' => 'application/json' ], ['{"orders":[{"id":1}]}'] ];
    };
    return {
        run => $run,
        about => { api => "$root/orders", bearer => "$root/bearer/orders", basic => "$root/basic/orders" },
    };
}

sub ini {
    return <<"INI";
[all]
logLevel = warn
checkTime = 1
[configuration]
type = File
dirName = $folder/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'configuration', 'default_expires_in' => 600, 'directory_umask' => '007', 'cache_root' => '$folder/cache', 'cache_depth' => 3 }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
[handler]
status = 0
useRedirectOnError = 1
INI
}

sub write_file {
    my ( $path, $text ) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}
