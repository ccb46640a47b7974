using System.Reflection;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>A test that cannot fail is a defect: each one of the suite is seen to fail on a broken store.</summary>
public sealed class SuiteSelfTests
{
    public static TheoryData<Fault, string> Broken => new(Catches.All.Select(static one => (one.Fault, one.Test)));

    public static TheoryData<string> Tests => new(Catches.All.Select(static one => one.Test).Distinct());

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_promise_is_detected(Fault fault, string test) =>
        Assert.NotNull(await FailureOfAsync(fault, test));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_store_that_keeps_every_promise_passes(string test) =>
        Assert.Null(await FailureOfAsync(Fault.None, test));

    [Fact]
    public void Every_test_is_seen_to_fail_and_every_fault_is_tried()
    {
        var probes = Catches.All.Select(static one => one.Suite).Distinct();
        var tests = probes.SelectMany(static probe => probe.GetMethods())
            .Where(static method => method.IsDefined(typeof(FactAttribute))).Select(static method => method.Name);
        Assert.Empty(tests.Except(Catches.All.Select(static one => one.Test)));
        Assert.Empty(Enum.GetValues<Fault>().Except(Catches.All.Select(static one => one.Fault)).Except([Fault.None]));

        var suites = typeof(StoreConformance<>).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(StoreConformance<>).Namespace && type.GetMethods()
                .Any(static method => method.IsDefined(typeof(FactAttribute))));
        Assert.Equal(suites.Count(), probes.Count());
    }

    /// <summary>How a test of the suite fails on a store with a fault; null where it passes.</summary>
    private static async Task<Exception?> FailureOfAsync(Fault fault, string test)
    {
        var suite = Catches.All.First(one => one.Test == test).Suite;
        var method = suite.GetMethod(test)!;
        foreach (var arguments in ArgumentsOf(method))
        {
            FaultyThreePartitions.Choose(fault);
            var instance = Activator.CreateInstance(suite)!;
            await ((IAsyncLifetime)instance).InitializeAsync();
            var failure = await Record.ExceptionAsync(() => (Task)method.Invoke(instance, arguments)!);
            await ((IAsyncDisposable)instance).DisposeAsync();
            if (failure is not null) return failure;
        }

        return null;
    }

    private static IEnumerable<object?[]?> ArgumentsOf(MethodInfo method)
    {
        var rows = method.GetCustomAttributes<InlineDataAttribute>().Select(static row => row.Data).ToArray();
        return rows.Length == 0 ? new object?[]?[] { null } : rows;
    }
}
