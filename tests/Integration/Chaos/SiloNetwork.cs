using System.Globalization;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// A network of Linux in which each silo is a machine of its own (a network namespace), so that two of them can be cut
/// off from each other. Where the user may create none, the silos are on loopback and cannot be.
/// </summary>
internal sealed class SiloNetwork : IAsyncDisposable
{
    // It runs until its input is closed. A cut sends the packets of both to a hardware address that nobody has.
    private const string Script = """
        set -eu
        id="$1" net="$2" count="$3"
        clean() {
          for i in $(seq 2 "$((count + 1))"); do ip netns del "granary-$id-$i" 2>/dev/null || true; done
          ip link del "grb$id" 2>/dev/null || true
        }
        trap clean EXIT
        trap 'exit 1' INT TERM
        ip link add "grb$id" type bridge
        ip addr add "$net.1/24" dev "grb$id"
        ip link set "grb$id" up
        for i in $(seq 2 "$((count + 1))"); do
          ip netns add "granary-$id-$i"
          ip link add "grv$id-$i" type veth peer name eth0 netns "granary-$id-$i"
          ip link set "grv$id-$i" master "grb$id" up
          ip -n "granary-$id-$i" link set lo up
          ip -n "granary-$id-$i" addr add "$net.$i/24" dev eth0
          ip -n "granary-$id-$i" link set eth0 up
        done
        echo done
        while read -r action one; do
          for i in $(seq 2 "$((count + 1))"); do
            [ "$i" != "$one" ] || continue
            for pair in "$i $one" "$one $i"; do
              set -- $pair
              if [ "$action" = cut ]; then
                ip -n "granary-$id-$1" neigh replace "$net.$2" lladdr 02:00:00:00:00:01 dev eth0 nud permanent
              else ip -n "granary-$id-$1" neigh del "$net.$2" dev eth0
              fi
            done
          done
          echo done
        done
        """;

    private const int FirstSilo = 2;

    private readonly FreePorts _ids = FreePorts.Reserve(1);
    private readonly SemaphoreSlim _done = new(0);
    private readonly string _net;
    private ChildProcess? _process;

    // The number of a port that this process holds is no other run's either.
    private SiloNetwork() => _net = string.Create(CultureInfo.InvariantCulture, $"10.{_ids[0] / 256}.{_ids[0] % 256}");

    /// <summary>Whether there are namespaces.</summary>
    public bool IsReal { get; private set; }

    /// <summary>The address of this process in the network.</summary>
    public IPAddress Host => IsReal ? IPAddress.Parse(_net + ".1") : IPAddress.Loopback;

    /// <summary>Makes a network for so many silos.</summary>
    public static async Task<SiloNetwork> CreateAsync(int silos)
    {
        var network = new SiloNetwork();
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return network;
        network._process = ChildProcess.Run(
            ["sh", "-c", Script, "silo-network", $"{network._ids[0]}", network._net, $"{silos}"], "/", [],
            line => { if (line == "done") network._done.Release(); });
        var made = network._done.WaitAsync(TestContext.Current.CancellationToken);
        network.IsReal = await Task.WhenAny(made, network._process.End) == made;
        return network;
    }

    public IPAddress AddressOf(int silo) =>
        IsReal ? IPAddress.Parse($"{_net}.{FirstSilo + silo}") : IPAddress.Loopback;

    /// <summary>What a silo's command begins with.</summary>
    public string[] Prefix(int silo) =>
        IsReal ? ["ip", "netns", "exec", $"granary-{_ids[0]}-{FirstSilo + silo}"] : [];

    /// <summary>The silo and the other ones get no packet of each other any more; all others they get.</summary>
    public Task CutAsync(int silo) => RunAsync($"cut {FirstSilo + silo}");

    public Task HealAsync(int silo) => RunAsync($"heal {FirstSilo + silo}");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited) await _process.CloseInputAsync();
            await _process.DisposeAsync();
        }

        _ids.Dispose();
        _done.Dispose();
    }

    private async Task RunAsync(string command)
    {
        await _process!.WriteLineAsync(command, TestContext.Current.CancellationToken);
        var done = await _done.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(done, $"The network did not do '{command}':\n{_process.Output}");
    }
}
