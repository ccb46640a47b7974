using Granary.Runtime;

namespace Granary.Tests.Unit.Reactors;

/// <summary>What readers of the log may be called that are no projections.</summary>
public sealed class ReactorNamesTests
{
    [Theory]
    [InlineData("welcome-mail")]
    [InlineData("orders_v")]
    [InlineData("orders_v1x")]
    [InlineData("orders-v1")]
    [InlineData("welcome-mail_v1")]
    public void A_name_that_no_build_of_a_projection_can_have_is_allowed(string name) =>
        Assert.Equal(name, ReactorNames.Check(name));

    [Theory]
    [InlineData("orders_v1")]
    [InlineData("orders_v12_3")]
    [InlineData("orders_s1")]
    [InlineData("orders_s1_2")]
    public void A_name_of_a_build_of_a_projection_is_refused(string name) => Assert.Contains(
        "named as the build of a projection",
        Assert.Throws<ArgumentException>(() => ReactorNames.Check(name)).Message, StringComparison.Ordinal);
}
