using System.Collections.Frozen;

namespace Granary.Grains;

/// <summary>The active currencies of ISO 4217 and how many decimal places their minor unit has.</summary>
internal static class Currencies
{
    private const string TwoPlaces =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
        + "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        + "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT "
        + "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB "
        + "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
        + "USD UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG";

    private static readonly FrozenDictionary<string, int> Places = Named(TwoPlaces, 2)
        .Concat(Named("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF", 0))
        .Concat(Named("BHD IQD JOD KWD LYD OMR TND", 3))
        .ToFrozenDictionary(StringComparer.Ordinal);

    public static bool IsKnown(string? currency) => currency is not null && Places.ContainsKey(currency);

    /// <summary>Whether an amount is no finer than the currency's minor unit.</summary>
    public static bool Fits(decimal amount, string currency) => decimal.Round(amount, Places[currency]) == amount;

    /// <summary>An amount that fits, with just as many decimal places as the minor unit: 1.50 and not 1.5.</summary>
    public static decimal InMinorUnits(decimal amount, string currency)
    {
        // A sum has the places of its finer summand.
        var places = Places[currency];
        return decimal.Round(amount, places) + new decimal(0, 0, 0, isNegative: false, (byte)places);
    }

    private static IEnumerable<KeyValuePair<string, int>> Named(string codes, int places) =>
        codes.Split(' ').Select(code => KeyValuePair.Create(code, places));
}
