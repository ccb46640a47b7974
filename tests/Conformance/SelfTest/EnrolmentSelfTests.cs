namespace Granary.Tests.Conformance.SelfTest;

/// <summary>A suite in which a store is not enrolled is detected.</summary>
public sealed class EnrolmentSelfTests
{
    [Fact]
    public void A_suite_without_the_store_is_named()
    {
        var types = typeof(EnrolmentSelfTests).Assembly.GetTypes()
            .Except([typeof(Stores.MemoryOneOrderTests), typeof(Grains.MemoryOneFaultTests)]);

        var missing = EnrolmentConformance<MemoryOnePartition>.NotEnrolled(types);

        Assert.Equal(["FaultConformance", "OrderConformance"], missing.Order(StringComparer.Ordinal));
    }
}
