using Granary.Testing;

namespace Granary.Tests.Unit.States;

public sealed class StateUseTests
{
    [Fact]
    public async Task A_plain_state_may_hold_a_reference_to_a_grain()
    {
        await using var cluster = await GranaryTestCluster.StartAsync();
        var grain = cluster.Grains.GetGrain<IReferringGrain>("one");
        Assert.Equal(1, await grain.Add(1));
        await grain.Leave();
        Assert.Equal(3, await grain.Add(2));
    }

    [Fact]
    public async Task A_state_that_cannot_be_copied_fails_the_activation_by_member_name()
    {
        await using var cluster = await GranaryTestCluster.StartAsync();
        var error = await Assert.ThrowsAsync<StateNotSupportedException>(
            () => cluster.Grains.GetGrain<IDelegateGrain>("one").Get());
        Assert.EndsWith("DelegateState.Discount", error.Member, StringComparison.Ordinal);
    }
}
